(** Tables that the checker accepts are a mechanism that satisfies what is asked. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
Require Export Bounds.
Import ListNotations.
Open Scope R_scope.

Definition of_tables (m : (nat -> profile -> Q) * (nat -> profile -> Q)) : mechanism :=
  {| q := fun a theta => Q2R (fst m a theta); t := fun i theta => Q2R (snd m i theta) |}.

Lemma times_nonneg m x : 0 < m -> 0 <= m * x -> 0 <= x.
Proof. intros H Hx. apply (Rmult_le_reg_l m); lra. Qed.
Lemma times_zero m x : 0 < m -> m * x = 0 -> x = 0.
Proof. intros H Hx. destruct (Rmult_integral _ _ Hx); lra. Qed.

Section Feasible.
  Variable E : environment.
  Variable D : design.
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).

  Lemma at_atom_R x : Q2R (at_atom E m x) = evA E (of_tables m) x.
  Proof.
    destruct x; simpl; rewrite ?qmul_R; auto.
    destruct (Qeq_bool c 0) eqn:H.
    - apply eq_R in H. rewrite H, Q2R_zero. lra.
    - rewrite qmul_R, qadd_R, qtotal_R. unfold payoff. simpl. f_equal. f_equal.
      apply sum_ext. intros a _. cbv zeta. destruct (Qeq_bool (fst m a (report theta i r)) 0) eqn:Z; [|apply qmul_R].
      apply eq_R in Z. rewrite Z, Q2R_zero. lra.
  Qed.
  Lemma nth_outcomes (h : nat -> Q) a : In a (outcomes E) -> nth a (map h (outcomes E)) 0%Q = h a.
  Proof.
    unfold outcomes. intros H. apply in_seq in H. rewrite (nth_indep _ 0%Q (h 0%nat)) by (rewrite map_length, seq_length; lia).
    rewrite map_nth, seq_nth by lia. reflexivity.
  Qed.
  Lemma told_R i k r : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    Q2R (told (believed E i k) (brings E m i r)) = Q2R (mass E i k) * interim E (of_tables m) i k r.
  Proof.
    intros Hi Hk H. unfold interim. rewrite average; auto. unfold brings, believed, cells. rewrite (slice_report (sizes E) i k r).
    induction (slice (sizes E) i k) as [|th l IH]; simpl; [apply Q2R_zero|].
    destruct (Qeq_bool (weight E i th) 0) eqn:Z.
    - apply eq_R in Z. rewrite IH, Z, Q2R_zero. ring.
    - rewrite qadd_R, qmul_R, qadd_R, qtotal_R, IH. f_equal. f_equal. unfold payoff. simpl. f_equal.
      clear IH. rewrite <- (sum_ext (outcomes E) (fun a => Q2R (nth a (map (fun a => u E i a th) (outcomes E)) 0%Q) *
        Q2R (fst m a (report th i r)))) by (intros a Ha; rewrite nth_outcomes; auto).
      generalize (map (fun a => u E i a th) (outcomes E)) as us. intros us.
      induction (outcomes E) as [|a out IHo]; simpl; auto.
      destruct (Qeq_bool (fst m a (report th i r)) 0) eqn:Y; simpl; rewrite IHo, ?qmul_R; auto.
      apply eq_R in Y. rewrite Y, Q2R_zero. ring.
  Qed.
  Lemma inner_map {X} (l : list X) f g : Q2R (inner (map f l) (map g l)) = sum l (fun a => Q2R (f a) * Q2R (g a)).
  Proof. induction l; simpl; [apply Q2R_zero|]. rewrite qadd_R, qmul_R, IHl. reflexivity. Qed.
  Lemma sum_swap {X Y} (f : X -> Y -> R) l l' : sum l (fun x => sum l' (f x)) = sum l' (fun y => sum l (fun x => f x y)).
  Proof.
    induction l as [|x l IH]; simpl; [|rewrite IH, <- sum_plus; reflexivity].
    induction l'; simpl; lra.
  Qed.
  Lemma told_in_sum_R i k r x : nth_error (nth i (sides E) []) k = Some x -> (0 < mass E i k)%Q ->
    Q2R (told_in_sum x (brings_in_sum E m i r)) = Q2R (mass E i k) * interim E (of_tables m) i k r.
  Proof.
    destruct x as [c us]. intros Hx H. apply side in Hx as (Hi & Hk & Hx). unfold interim. rewrite average; auto.
    assert (exists th0, In th0 (cells E i k)) as [th0 H0].
    { destruct (cells E i k) as [|th0 l] eqn:Hc; [|exists th0; left; auto]. exfalso.
      unfold mass in H. rewrite <- cells_of_type, Hc in H; auto. apply (Qlt_irrefl 0 H). }
    destruct (Hx th0 H0) as [_ ->].
    unfold told_in_sum, brings_in_sum. cbn [fst snd]. rewrite qmul_R, qadd_R, inner_map, qtotal_R.
    unfold cells. rewrite (slice_report (sizes E) i k r), sum_map. fold (cells E i k).
    rewrite (sum_ext (cells E i k) (fun th => Q2R (weight E i th) * payoff E (of_tables m) i th r) (fun th =>
      Q2R c * ((Σ a ∈ outcomes E, Q2R (u E i a th0) * Q2R (fst m a (report th i r))) + Q2R (snd m i (report th i r))))).
    - rewrite sum_times, sum_plus, sum_swap. f_equal. f_equal. apply sum_ext. intros a _.
      rewrite qtotal_R, sum_map, sum_times. reflexivity.
    - intros th Hth. destruct (Hx th Hth) as [-> Hu]. f_equal. unfold payoff. simpl. f_equal. apply sum_ext. intros a Ha.
      f_equal. f_equal. rewrite <- (nth_outcomes (fun a => u E i a th)), <- Hu, (nth_outcomes (fun a => u E i a th0)); auto.
  Qed.
  Lemma at_form_R l : Q2R (at_form E m l) = evL E (of_tables m) l.
  Proof.
    unfold evL. induction l; simpl; [apply Q2R_zero|]. rewrite qadd_R, at_atom_R, IHl. reflexivity.
  Qed.

  Lemma holds_sound x : asked E D x = true -> holds E D m x = true ->
    if equality D x then slack E D (of_tables m) x = 0 else 0 <= slack E D (of_tables m) x.
  Proof.
    intros Ha H. unfold holds in H. rewrite <- (atoms_slack E D (of_tables m) x Ha), <- at_form_R.
    destruct (equality D x); [apply eq_R in H | apply le_R in H]; rewrite Q2R_zero in H; auto.
  Qed.

  Lemma lies_fine_sound : lies_fine E m = true -> bayesian_IC E (of_tables m).
  Proof.
    intros H i k r Hi Hk Hr Hm. pose proof (mass_R E i k Hm) as Hp'.
    unfold lies_fine in H. rewrite forallb_forall in H. specialize (H i Hi). cbv zeta in H.
    apply Rle_ge, Rmult_le_reg_l with (1 := Hp'). destruct (nth i (sides E) []) as [|x0 l] eqn:Hs.
    - rewrite forallb_forall in H. specialize (H k). rewrite filter_In, (believes_pos E i k Hi Hk) in H.
      specialize (H (conj Hk Hm)). rewrite forallb_forall in H.
      specialize (H (brings E m i r) (in_map _ _ r Hr)). apply le_R in H. rewrite !told_R in H; auto.
    - rewrite forallb_forall in H. specialize (H k). rewrite filter_In, (believes_pos E i k Hi Hk) in H.
      specialize (H (conj Hk Hm)). destruct (nth_error (x0 :: l) k) as [x|] eqn:Hx; [|discriminate].
      rewrite <- Hs in Hx. destruct (nth_error (map _ _) k) as [b|] eqn:Hb; [|discriminate].
      unfold types in Hb. rewrite nth_error_map in Hb. unfold types in Hk. apply in_seq in Hk.
      destruct (nth_error (seq 0 _) k) as [k'|] eqn:Hk'; [|discriminate]. injection Hb as <-.
      apply (nth_error_nth _ _ 0%nat) in Hk'. rewrite seq_nth in Hk' by lia. simpl in Hk'. subst k'.
      rewrite forallb_forall in H. specialize (H (brings_in_sum E m i r) (in_map _ _ r Hr)).
      apply le_R in H. rewrite !told_in_sum_R with (k := k) in H; auto.
  Qed.

  (** A mechanism whose slacks have their signs. *)
  Lemma slacks_satisfy M : lotteries E M ->
    match allocation D with
    | Chosen => True | Efficient => efficient E M | Within ok => allocation_within E M ok | Given g => allocation_is E M g
    end -> transfers_within E M (low D) (high D) -> (ic D = BayesianIC -> bayesian_IC E M) ->
    (forall x, In x (requirements E D) -> asked E D x = true ->
      if equality D x then slack E D M x = 0 else 0 <= slack E D M x) -> satisfies E D M.
  Proof.
    intros HL HA HT HI HR. unfold requirements in HR.
    refine (conj HL (conj HA (conj HT (conj _ (conj _ (conj _ _)))))).
    - destruct (ic D) eqn:Hic; [auto| |exact I].
      + intros i theta r Hi Ht Hr.
        specialize (HR (ICat i theta r)). simpl in HR. rewrite Hic in HR.
        cut (0 <= payoff E M i theta (type_of theta i) - payoff E M i theta r); [lra|]. apply HR.
        * apply in_or_app. left. apply in_flat_map. exists i. split; auto. apply in_flat_map. exists theta.
          split; auto. apply in_map. auto.
        * rewrite (proj2 (is_agent_in E i)), (proj2 (valid_grid _ theta)), (proj2 (is_type_in E i r)); auto.
    - destruct (ir D) eqn:Hir; [| | |exact I].
      + intros i k Hi Hk Hm. pose proof (mass_R E i k Hm) as Hp'. apply believes_pos in Hm; auto.
        specialize (HR (IR i k)). simpl in HR. rewrite Hir in HR.
        cut (0 <= interim E M i k k - interim_outside E i k); [lra|].
        apply (times_nonneg _ _ Hp'), HR.
        * apply in_or_app. right. apply in_or_app. left. apply in_flat_map. exists i. split; auto. apply in_map.
          apply filter_In; auto.
        * destruct (ic D); rewrite (proj2 (is_agent_in E i)), (proj2 (is_type_in E i k)); auto.
      + intros i k Hi Hk Hm. pose proof (mass_R E i k Hm) as Hp'. apply believes_pos in Hm; auto.
        specialize (HR (IR i k)). simpl in HR. rewrite Hir in HR.
        cut (interim E M i k k - interim_outside E i k = 0); [lra|].
        apply (times_zero _ _ Hp'), HR.
        * apply in_or_app. right. apply in_or_app. left. apply in_flat_map. exists i. split; auto. apply in_map.
          apply filter_In; auto.
        * destruct (ic D); rewrite (proj2 (is_agent_in E i)), (proj2 (is_type_in E i k)); auto.
      + intros i theta Hi Ht.
        specialize (HR (IRat i theta)). simpl in HR. rewrite Hir in HR.
        cut (0 <= payoff E M i theta (type_of theta i) - Q2R (outside E i theta)); [lra|]. apply HR.
        * apply in_or_app. right. apply in_or_app. left. apply in_flat_map. exists i. split; auto. apply in_map. auto.
        * destruct (ic D); rewrite (proj2 (is_agent_in E i)), (proj2 (valid_grid _ theta)); auto.
    - unfold ex_ante_BB, ex_ante_weak_BB.
      destruct (bb D) eqn:Hbb; [| | | |exact I].
      + intros theta Ht. specialize (HR (BBat theta)). simpl in HR. rewrite Hbb in HR.
        assert (HR' : - (Σ i ∈ agents E, t M i theta) = 0).
        { specialize (HR ltac:(apply in_or_app; right; apply in_or_app; right; apply in_or_app; left; apply in_map; auto)).
          destruct (ic D), (ir D); apply HR; apply valid_grid; auto. }
        simpl. lra.
      + intros theta Ht. specialize (HR (BBat theta)). simpl in HR. rewrite Hbb in HR.
        assert (HR' : 0 <= - (Σ i ∈ agents E, t M i theta)).
        { specialize (HR ltac:(apply in_or_app; right; apply in_or_app; right; apply in_or_app; left; apply in_map; auto)).
          destruct (ic D), (ir D); apply HR; apply valid_grid; auto. }
        simpl. lra.
      + specialize (HR BB). simpl in HR. rewrite Hbb in HR.
        specialize (HR ltac:(apply in_or_app; right; apply in_or_app; right; left; auto)).
        simpl. destruct (ic D), (ir D); specialize (HR eq_refl); lra.
      + specialize (HR BB). simpl in HR. rewrite Hbb in HR.
        specialize (HR ltac:(apply in_or_app; right; apply in_or_app; right; left; auto)).
        simpl. destruct (ic D), (ir D); specialize (HR eq_refl); lra.
    - intros x Hx. apply (In_nth _ _ no_row) in Hx as (k & Hk & <-).
      specialize (HR (Own k)). simpl in HR.
      assert (Ha : (k <? length (own D))%nat = true) by (apply Nat.ltb_lt; exact Hk).
      specialize (HR ltac:(do 3 (apply in_or_app; right); apply in_map, in_seq; lia)).
      destruct (is_equality _); destruct (ic D), (ir D), (bb D); specialize (HR Ha); lra.
  Qed.

  Theorem passes_sound : passes E D m = true -> satisfies E D (of_tables m).
  Proof.
    intros H. unfold passes, proper in H. apply andb_true_iff in H as [Hp Hr]. apply andb_true_iff in Hr as [Hlies Hr].
    rewrite forallb_forall in Hp, Hr. apply slacks_satisfy.
    - intros theta Ht. split. intros a Ha. specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [[Hp _] _].
      rewrite forallb_forall in Hp. specialize (Hp a Ha). rewrite !andb_true_iff in Hp. destruct Hp as [[Hp _] _].
      apply le_R in Hp. rewrite Q2R_zero in Hp. exact Hp.
      specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [[_ Hp] _].
      apply eq_R in Hp. rewrite qtotal_R, Q2R_one in Hp. exact Hp.
    - destruct (allocation D) eqn:Hal; [exact I| | |].
      + intros theta a b Ht Ha Hb Hpos. specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [[Hp _] _].
        rewrite forallb_forall in Hp. specialize (Hp a Ha). rewrite !andb_true_iff in Hp. destruct Hp as [[_ Hp] _].
        apply orb_true_iff in Hp as [Hp|Hp].
        * apply eq_R in Hp. rewrite Q2R_zero in Hp. simpl in Hpos. lra.
        * unfold may_use in Hp. rewrite Hal in Hp. rewrite forallb_forall in Hp. specialize (Hp b Hb). apply le_R in Hp.
          unfold worth in Hp. rewrite !(Qeq_eqR _ _ (qtotal_eq _ _)) in Hp. exact Hp.
      + intros theta a Ht Ha Hpos. specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [[Hp _] _].
        rewrite forallb_forall in Hp. specialize (Hp a Ha). rewrite !andb_true_iff in Hp. destruct Hp as [[_ Hp] _].
        apply orb_true_iff in Hp as [Hp|Hp].
        * apply eq_R in Hp. rewrite Q2R_zero in Hp. simpl in Hpos. lra.
        * unfold may_use in Hp. rewrite Hal in Hp. exact Hp.
      + intros theta a Ht Ha. specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [[Hp _] _].
        rewrite forallb_forall in Hp. specialize (Hp a Ha). rewrite !andb_true_iff in Hp. destruct Hp as [_ Hp].
        apply eq_R in Hp. exact Hp.
    - intros i theta Hi Ht. specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [_ Hp].
      rewrite forallb_forall in Hp. specialize (Hp i Hi). apply andb_true_iff in Hp as [H1 H2].
      destruct (low D i theta), (high D i theta); split; auto; try (apply le_R in H1; exact H1); apply le_R in H2; exact H2.
    - intros Hic. rewrite Hic in Hlies. apply lies_fine_sound, Hlies.
    - intros x Hx Ha. apply holds_sound; auto.
  Qed.
End Feasible.

(** The mechanism of the tables satisfies the design. *)
Theorem feasible E D m : passes E D m = true -> exists M, satisfies E D M.
Proof. intros H. exists (of_tables m). apply passes_sound, H. Qed.

(** It is worth v. *)
Theorem attained E D o v m : attains E D m o v = true ->
  exists M, satisfies E D M /\ value E o M = Q2R v.
Proof.
  intros H. unfold attains in H. apply andb_true_iff in H as [H1 H2]. exists (of_tables m). split.
  - apply passes_sound, H1.
  - rewrite <- goal_value, <- at_form_R. apply eq_R, H2.
Qed.

(** v is the greatest value: some mechanism attains it, and none does better. *)
Theorem optimum E D o v m c : attains E D m o v && bounds E D o v c = true ->
  (exists M, satisfies E D M /\ value E o M = Q2R v) /\
  forall M, satisfies E D M -> value E o M <= Q2R v.
Proof.
  intros H. apply andb_true_iff in H as [H1 H2]. split; [eapply attained; eauto | eapply bound; eauto].
Qed.
