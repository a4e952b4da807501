(** Multipliers that the checker accepts prove what they claim of every mechanism. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Reals Lra Lia.
Require Export Sums.
Import ListNotations.
Open Scope R_scope.

Section Soundness.
  Variable E : environment.
  Variable D : design.
  Variable M : mechanism.

  Definition evA (x : atom) : R :=
    match x with
    | Pay c i theta r => Q2R c * payoff E M i theta r
    | Money c i theta => Q2R c * t M i theta
    | Alloc c a theta => Q2R c * q M a theta
    | Const c => Q2R c
    end.
  Definition evL (l : list atom) : R := sum l evA.
  Definition evS (s : trie * Q) : R :=
    evT (fun th a => q M a th) (fun th i => t M i th) (fst s) + Q2R (snd s).

  Lemma evL_scale y l : evL (map (scale y) l) = Q2R y * evL l.
  Proof.
    unfold evL. rewrite sum_map, <- sum_times. apply sum_ext. intros [] _; simpl; rewrite qmul_R; lra.
  Qed.
  Lemma scatter1_sound x s : evS (scatter1 E x s) = evS s + evA x.
  Proof.
    destruct s as [T b]. destruct x; unfold evS; simpl; rewrite ?evT_add, ?dot_unit, ?qadd_R; simpl; try lra.
    unfold payoff, outcomes. rewrite dot_seq, Rmult_plus_distr_l, <- sum_times.
    rewrite (sum_ext _ _ (fun a => Q2R c * (Q2R (u E i a theta) * q M a (report theta i r)))); [lra|].
    intros a _. rewrite qmul_R. lra.
  Qed.
  Lemma scatter_sound l : forall s, evS (scatter E l s) = evS s + evL l.
  Proof.
    unfold scatter, evL. induction l as [|x l IH]; intros s; simpl; [lra|]. rewrite IH, scatter1_sound. lra.
  Qed.
  Lemma combine_sound o c : evS (combine E D o c) = evL o + sum c (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx))).
  Proof.
    unfold combine.
    enough (forall s, evS (fold_left (fun s yx => scatter E (map (scale (fst yx)) (atoms E D (snd yx))) s) c s) =
                      evS s + sum c (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx)))).
    { rewrite H, scatter_sound. unfold evS. simpl. rewrite Q2R_zero. lra. }
    induction c as [|[y x] c IH]; intros s; simpl; [lra|]. rewrite IH, scatter_sound, evL_scale. lra.
  Qed.

  Definition slack (x : requirement) : R :=
    match x with
    | IC i k r => Q2R (mass E i k) * (interim E M i k k - interim E M i k r)
    | ICat i theta r => payoff E M i theta (type_of theta i) - payoff E M i theta r
    | IR i k => Q2R (mass E i k) * (interim E M i k k - interim_outside E i k)
    | IRat i theta => payoff E M i theta (type_of theta i) - Q2R (outside E i theta)
    | BB => - (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t M i theta)
    | BBat theta => - (Σ i ∈ agents E, t M i theta)
    | Own k => form_of M (nth k (own D) (no_row)) - Q2R (bound_below (nth k (own D) no_row))
    end.

  Lemma is_agent_in i : is_agent E i = true <-> In i (agents E).
  Proof. unfold is_agent, agents. rewrite Nat.ltb_lt, in_seq. lia. Qed.
  Lemma is_type_in i k : is_type E i k = true <-> In k (types E i).
  Proof. unfold is_type, types. rewrite Nat.ltb_lt, in_seq. lia. Qed.
  Lemma cells_of_type i k : In i (agents E) -> In k (types E i) -> cells E i k = of_type E i k.
  Proof.
    unfold agents, types, cells, of_type, Theta. rewrite !in_seq. intros Hi Hk. symmetry. apply slice_filter; lia.
  Qed.
  Lemma total_mass i k : In i (agents E) -> In k (types E i) -> (total E i k == mass E i k)%Q.
  Proof. intros Hi Hk. unfold total, mass. rewrite cells_of_type; auto. apply qtotal_eq. Qed.
  Lemma believes_pos i k : In i (agents E) -> In k (types E i) -> believes E i k = true <-> (0 < mass E i k)%Q.
  Proof.
    intros Hi Hk. unfold believes. rewrite negb_true_iff, <- (total_mass i k Hi Hk). split; intros H.
    - apply Qnot_le_lt. intros H'. apply Qle_bool_iff in H'. congruence.
    - apply not_true_is_false. intros H'. apply Qle_bool_iff in H'. apply (Qlt_not_le _ _ H H').
  Qed.
  Lemma mass_R i k : (0 < mass E i k)%Q -> 0 < Q2R (mass E i k).
  Proof. intros H. rewrite <- Q2R_zero. apply Qlt_Rlt, H. Qed.
  Lemma average i k f : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    Q2R (mass E i k) * ((Σ theta ∈ of_type E i k, Q2R (weight E i theta) * f theta) / Q2R (mass E i k)) =
    Σ theta ∈ cells E i k, Q2R (weight E i theta) * f theta.
  Proof.
    intros Hi Hk H. apply mass_R in H. rewrite cells_of_type; auto. field. lra.
  Qed.
  Lemma sum_minus {X} (l : list X) f g : sum l f - sum l g = sum l (fun x => f x - g x).
  Proof. induction l; simpl; [lra|]. rewrite <- IHl. lra. Qed.
  Lemma sum_opp {X} (l : list X) f : - sum l f = sum l (fun x => - f x).
  Proof. induction l; simpl; [lra|]. rewrite <- IHl. lra. Qed.

  Lemma ic_slack i k r : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    evL (atoms E D (IC i k r)) = slack (IC i k r).
  Proof.
    intros Hi Hk H. unfold evL. simpl. unfold interim.
    rewrite sum_flat_map, Rmult_minus_distr_l, !average, sum_minus; auto.
    apply sum_ext. intros th _. destruct (Qeq_bool (weight E i th) 0) eqn:Hz; simpl.
    - apply eq_R in Hz. rewrite Hz, Q2R_zero. lra.
    - rewrite Q2R_opp. lra.
  Qed.
  Lemma ir_slack i k : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    evL (atoms E D (IR i k)) = slack (IR i k).
  Proof.
    intros Hi Hk H. unfold evL. simpl. unfold interim, interim_outside.
    rewrite sum_flat_map, Rmult_minus_distr_l, !average, sum_minus; auto.
    apply sum_ext. intros th _. destruct (Qeq_bool (weight E i th) 0) eqn:Hz; simpl.
    - apply eq_R in Hz. rewrite Hz, Q2R_zero. lra.
    - rewrite qmul_R, Q2R_opp. lra.
  Qed.
  Lemma asked_ic i k r : asked E D (IC i k r) = true ->
    ic D = BayesianIC /\ In i (agents E) /\ In k (types E i) /\ In r (types E i) /\ (0 < mass E i k)%Q.
  Proof.
    simpl. destruct (ic D); try discriminate. rewrite !andb_true_iff, !is_agent_in, !is_type_in.
    intros [[[H1 H2] H3] H4]. apply believes_pos in H4; auto.
  Qed.
  Lemma asked_ir i k : asked E D (IR i k) = true ->
    (ir D = InterimIR \/ ir D = InterimIRBinds) /\ In i (agents E) /\ In k (types E i) /\ (0 < mass E i k)%Q.
  Proof.
    simpl. destruct (ic D), (ir D); try discriminate; rewrite !andb_true_iff, !is_agent_in, !is_type_in;
      intros [[H1 H2] H3]; apply believes_pos in H3; auto.
  Qed.

  Lemma atoms_slack x : asked E D x = true -> evL (atoms E D x) = slack x.
  Proof.
    destruct x; intros H.
    - apply asked_ic in H as (_ & Hi & Hk & _ & Hm). apply ic_slack; auto.
    - unfold evL; simpl. rewrite Q2R_one, Q2R_minus1. lra.
    - apply asked_ir in H as (_ & Hi & Hk & Hm). apply ir_slack; auto.
    - unfold evL; simpl. rewrite Q2R_one, Q2R_opp. lra.
    - unfold evL; simpl. unfold money_out. rewrite sum_flat_map, sum_opp. apply sum_ext. intros th _.
      rewrite sum_map. simpl. rewrite sum_times, Q2R_opp. lra.
    - unfold evL; simpl. rewrite sum_map. simpl. rewrite sum_times, Q2R_minus1. lra.
    - unfold evL; simpl. rewrite sum_app, !sum_map, Q2R_opp. unfold form_of.
      rewrite (sum_ext (on_chances _) _ (fun c => let '(y, a, th) := c in Q2R y * q M a th))
        by (intros [[y a] th] _; reflexivity).
      rewrite (sum_ext (on_transfers _) _ (fun c => let '(y, i, th) := c in Q2R y * t M i th))
        by (intros [[y a] th] _; reflexivity). lra.
  Qed.

  Lemma slack_holds x : satisfies E D M -> asked E D x = true ->
    if equality D x then slack x = 0 else 0 <= slack x.
  Proof.
    intros (_ & _ & _ & Hic & Hir & Hbb & Hown) H. unfold equality.
    destruct x; simpl slack.
    7: { simpl in H. assert (Hk : (k <? length (own D))%nat = true) by (destruct (ic D), (ir D), (bb D); exact H).
         apply Nat.ltb_lt in Hk. specialize (Hown _ (nth_In _ no_row Hk)).
         destruct (is_equality _); lra. }
    - apply asked_ic in H as (H0 & H1 & H2 & H3 & H4). rewrite H0 in Hic.
      specialize (Hic i k r H1 H2 H3 H4). apply Rmult_le_pos; [apply Rlt_le, mass_R, H4|lra].
    - simpl in H. destruct (ic D); try discriminate. rewrite !andb_true_iff in H. destruct H as [[H1 H2] H3].
      apply is_agent_in in H1. apply valid_grid in H2. apply is_type_in in H3.
      specialize (Hic i theta r H1 H2 H3). lra.
    - apply asked_ir in H as (H0 & H1 & H2 & H3). destruct H0 as [H0|H0]; rewrite H0 in *;
        specialize (Hir i k H1 H2 H3); [apply Rmult_le_pos; [apply Rlt_le, mass_R, H3|lra]|rewrite Hir; lra].
    - simpl in H. destruct (ir D); try (destruct (ic D); discriminate).
      assert (is_agent E i && valid (sizes E) theta = true) as H' by (destruct (ic D); exact H).
      rewrite !andb_true_iff in H'; destruct H' as [H1 H2]. apply is_agent_in in H1. apply valid_grid in H2.
      specialize (Hir i theta H1 H2). lra.
    - simpl in H. destruct (bb D); try (destruct (ic D), (ir D); discriminate);
        unfold ex_ante_BB, ex_ante_weak_BB in Hbb; destruct (ir D); lra.
    - simpl in H. destruct (bb D); try (destruct (ic D), (ir D); discriminate);
        assert (valid (sizes E) theta = true) as H' by (destruct (ic D), (ir D); exact H);
        apply valid_grid in H'; specialize (Hbb theta H'); destruct (ir D); lra.
  Qed.

  (** ** Bounds *)
  Lemma may_use_sound a theta : satisfies E D M -> In theta (Theta E) -> In a (outcomes E) ->
    may_use E D a theta = false -> q M a theta = 0.
  Proof.
    intros (Hl & Ha & _) Ht Hin H. unfold may_use in H. destruct (allocation D); try discriminate;
    destruct (Hl theta Ht) as [Hp _]; specialize (Hp a Hin);
    (destruct (Rle_lt_dec (q M a theta) 0) as [|Hq]; [lra|]); exfalso;
      [|specialize (Ha theta a Ht Hin Hq); congruence].
    apply not_true_iff_false in H. apply H. apply forallb_forall. intros b Hb. apply Qle_bool_iff, Rle_Qle.
    unfold worth. rewrite !(Qeq_eqR _ _ (qtotal_eq _ _)). apply Ha; auto.
  Qed.

  Lemma best_lottery_sound cq theta x : satisfies E D M -> In theta (Theta E) ->
    (length cq <= num_outcomes E)%nat -> best_lottery E D cq theta = Some x ->
    dot cq (fun a => q M a theta) 0 <= Q2R x.
  Proof.
    intros HM Ht Hlen H. destruct cq as [|c0 cq0]; [inversion H; simpl; rewrite Q2R_zero; lra|].
    remember (c0 :: cq0) as cq eqn:Hcq.
    rewrite (dot_nth _ cq (num_outcomes E) 0 Hlen).
    rewrite (sum_ext _ _ (fun a => Q2R (nth a cq 0%Q) * q M a theta))
      by (intros a _; rewrite Nat.sub_0_r; reflexivity).
    fold (outcomes E).
    assert (Hmax : forall m, (forall a, In a (outcomes E) -> may_use E D a theta = true -> Q2R (nth a cq 0%Q) <= m) ->
      sum (outcomes E) (fun a => Q2R (nth a cq 0%Q) * q M a theta) <= m).
    { intros m Hm. destruct (proj1 HM theta Ht) as [Hp H1].
      rewrite <- (Rmult_1_r m), <- H1, <- sum_times. apply sum_le. intros a Ha.
      destruct (may_use E D a theta) eqn:Hu.
      - apply Rmult_le_compat_r; auto.
      - rewrite may_use_sound; auto. lra. }
    unfold best_lottery in H. rewrite Hcq in H. rewrite <- Hcq in H.
    destruct (allocation D) eqn:Hal.
    4: { inversion H. rewrite qtotal_R. apply Req_le, sum_ext. intros a Ha. rewrite qmul_R.
         destruct HM as (_ & HA & _). rewrite Hal in HA. rewrite HA; auto. }
    all: apply Hmax; intros a Ha Hu;
      destruct (filter (fun a => may_use E D a theta) (outcomes E)) as [|a0 rest] eqn:Hf; [discriminate|];
      inversion H; subst x;
      assert (Hin : In a (a0 :: rest)) by (rewrite <- Hf; apply filter_In; auto);
      destruct (fold_max (fun a => nth a cq 0%Q) rest (nth a0 cq 0%Q)) as [F1 F2];
      destruct Hin as [->|Hin]; auto.
  Qed.

  Lemma best_transfers_sound theta : satisfies E D M -> In theta (Theta E) ->
    forall ct i b, (i + length ct <= length (sizes E))%nat -> best_transfers D theta i ct = Some b ->
    dot ct (fun i => t M i theta) i <= Q2R b.
  Proof.
    intros (_ & _ & Hb & _) Ht. induction ct as [|c ct IH]; intros i b Hlen H; simpl in *.
    - inversion H. rewrite Q2R_zero. lra.
    - destruct (best_transfers D theta (S i) ct) as [b'|] eqn:Hb'; [|discriminate].
      apply IH in Hb'; [|lia].
      assert (Hi : In i (agents E)) by (unfold agents; apply in_seq; lia).
      destruct (Hb i theta Hi Ht) as [H1 H2].
      destruct (Qeq_bool c 0) eqn:Hz.
      + apply eq_R in Hz. rewrite Q2R_zero in Hz. inversion H; subst. rewrite Hz. lra.
      + destruct (Qle_bool 0 c) eqn:Hc.
        * destruct (high D i theta) as [h|]; [|discriminate]. inversion H. rewrite qadd_R, qmul_R.
          apply le_R in Hc. rewrite Q2R_zero in Hc.
          pose proof (Rmult_le_compat_l _ _ _ Hc H2). lra.
        * destruct (low D i theta) as [l|]; [|discriminate]. inversion H. rewrite qadd_R, qmul_R.
          apply nle_R in Hc. rewrite Q2R_zero in Hc.
          assert (Q2R c * t M i theta <= Q2R c * Q2R l) by (apply Rmult_le_compat_neg_l; lra). lra.
  Qed.

  Lemma leaf_sound theta cq ct x : satisfies E D M -> leaf E D theta cq ct = Some x ->
    dot cq (fun a => q M a theta) 0 + dot ct (fun i => t M i theta) 0 <= Q2R x.
  Proof.
    intros HM H.
    assert (H' : (cq = [] /\ ct = [] /\ x = 0%Q) \/
      (valid (sizes E) theta && (length cq <=? num_outcomes E)%nat && (length ct <=? length (sizes E))%nat = true /\
       exists y z, best_lottery E D cq theta = Some y /\ best_transfers D theta 0 ct = Some z /\ x = qadd y z)).
    { unfold leaf in H. destruct cq, ct; [left; inversion H; auto|right..];
        match type of H with (if ?b then _ else _) = _ => destruct b; [|discriminate] end; split; auto;
        destruct (best_lottery E D _ theta); try discriminate; destruct (best_transfers D theta 0 _); try discriminate;
        inversion H; eauto. }
    destruct H' as [(-> & -> & ->)|(Hv & y & z & Hy & Hz & ->)].
    - simpl. rewrite Q2R_zero. lra.
    - rewrite !andb_true_iff in Hv. destruct Hv as [[H1 H2] H3]. apply valid_grid in H1.
      apply Nat.leb_le in H2. apply Nat.leb_le in H3. rewrite qadd_R.
      apply Rplus_le_compat; [apply best_lottery_sound; auto | eapply best_transfers_sound; eauto; lia].
  Qed.

  Lemma upper_sound o c b : satisfies E D M -> upper E D o c = Some b -> evL o <= Q2R b.
  Proof.
    intros HM H. unfold upper in H. destruct (forallb (sign_correct E D) c) eqn:Hs; [|discriminate].
    pose proof (combine_sound o c) as Hc. destruct (combine E D o c) as [T b0].
    destruct (largest (leaf E D) T) as [x|] eqn:Hx; [|discriminate]. inversion H. rewrite qadd_R.
    apply (largest_sound T (leaf E D) (fun th a => q M a th) (fun th i => t M i th)) in Hx;
      [|intros; apply leaf_sound; auto].
    unfold evS in Hc. simpl in Hc.
    enough (0 <= sum c (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx)))) by lra.
    clear - HM Hs. induction c as [|[y r] c IH]; simpl in *; [lra|].
    apply andb_true_iff in Hs as [H1 H2]. specialize (IH H2).
    unfold sign_correct in H1. simpl in H1. apply andb_true_iff in H1 as [H1 H3].
    rewrite atoms_slack; auto. pose proof (slack_holds r HM H1) as H4.
    destruct (equality D r); [rewrite H4; lra|]. simpl in H3. apply le_R in H3. rewrite Q2R_zero in H3.
    pose proof (Rmult_le_pos _ _ H3 H4). lra.
  Qed.

  Lemma surplus_R a theta : Q2R (surplus E a theta) = Σ i ∈ agents E, u E i a theta.
  Proof. apply qsum_R. Qed.

  Lemma goal_value o : evL (goal E o) = value E o M.
  Proof.
    induction o; unfold evL.
    - simpl. unfold expected_revenue, money_out. rewrite sum_flat_map, sum_opp. apply sum_ext. intros th _.
      rewrite sum_map. simpl. rewrite sum_times, Q2R_opp. lra.
    - simpl. unfold expected_surplus. rewrite sum_flat_map. apply sum_ext. intros th _.
      rewrite sum_map. apply sum_ext. intros a _. simpl. rewrite qmul_R. unfold worth. rewrite (Qeq_eqR _ _ (qtotal_eq _ _)).
      unfold surplus. lra.
    - simpl. rewrite sum_flat_map. apply sum_ext. intros th _. rewrite sum_app, !sum_map. reflexivity.
    - simpl goal. simpl value. unfold weighted_interim. rewrite sum_flat_map. apply sum_ext. intros i Hi.
      rewrite sum_flat_map. apply sum_ext. intros k Hk.
      pose proof (total_mass i k Hi Hk) as Ht.
      assert (Hb : Qle_bool (total E i k) 0 = Qle_bool (mass E i k) 0)
        by (apply eq_true_iff_eq; rewrite !Qle_bool_iff, Ht; reflexivity).
      rewrite Hb. destruct (Qle_bool (mass E i k) 0) eqn:Hz; [reflexivity|].
      assert (Hm : (0 < mass E i k)%Q)
        by (apply Qnot_le_lt; intros H; apply Qle_bool_iff in H; congruence).
      pose proof (mass_R i k Hm) as HR. rewrite sum_map.
      rewrite (sum_ext _ _ (fun th => Q2R (Qred (w i k / total E i k)) * (Q2R (weight E i th) * payoff E M i th k)))
        by (intros th _; simpl; rewrite qmul_R; lra).
      rewrite sum_times, <- average, Qred_R, Q2R_div; auto.
      + rewrite (Qeq_eqR _ _ Ht). unfold interim. field. lra.
      + intros H. rewrite Ht in H. rewrite H in Hm. apply (Qlt_irrefl 0 Hm).
    - simpl. rewrite <- IHo. fold (evL (map (scale (-1)) (goal E o))). rewrite evL_scale, Q2R_minus1. unfold evL. lra.
  Qed.
End Soundness.

(** No mechanism satisfies the design. *)
Theorem refutation E D c : refutes E D c = true -> ~ exists M, satisfies E D M.
Proof.
  intros H [M HM]. unfold refutes in H. destruct (upper E D [] c) as [b|] eqn:Hb; [|discriminate].
  apply (upper_sound E D M) in Hb; auto. apply negb_true_iff, nle_R in H. rewrite Q2R_zero in H.
  unfold evL in Hb. simpl in Hb. lra.
Qed.

(** Every mechanism is worth at most v. *)
Theorem bound E D o v c : bounds E D o v c = true -> forall M, satisfies E D M -> value E o M <= Q2R v.
Proof.
  intros H M HM. unfold bounds in H. destruct (upper E D (goal E o) c) as [b|] eqn:Hb; [|discriminate].
  apply (upper_sound E D M) in Hb; auto. apply le_R in H. rewrite goal_value in Hb. lra.
Qed.
