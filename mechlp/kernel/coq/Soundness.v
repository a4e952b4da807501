(** What multipliers of rows add up to, of every mechanism. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
Require Export Grids.
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
  Lemma evL_ic i k r : evL (atoms E D (IC i k r)) =
    Σ th ∈ cells E i k, Q2R (weight E i th) * payoff E M i th k - Q2R (weight E i th) * payoff E M i th r.
  Proof.
    unfold evL. simpl. rewrite sum_flat_map. apply sum_ext. intros th _.
    destruct (Qeq_bool (weight E i th) 0) eqn:Hz; simpl.
    - apply eq_R in Hz. rewrite Hz, Q2R_zero. lra.
    - rewrite Q2R_opp. lra.
  Qed.
  Lemma evL_ir i k : evL (atoms E D (IR i k)) =
    Σ th ∈ cells E i k, Q2R (weight E i th) * payoff E M i th k - Q2R (weight E i th) * Q2R (outside E i th).
  Proof.
    unfold evL. simpl. rewrite sum_flat_map. apply sum_ext. intros th _.
    destruct (Qeq_bool (weight E i th) 0) eqn:Hz; simpl.
    - apply eq_R in Hz. rewrite Hz, Q2R_zero. lra.
    - rewrite qmul_R, Q2R_opp. lra.
  Qed.
  Lemma evL_bb : evL (atoms E D BB) = Σ th ∈ Theta E, Σ i ∈ agents E, - Q2R (prior E th) * t M i th.
  Proof.
    unfold evL. simpl. unfold money_out. rewrite sum_flat_map. apply sum_ext. intros th _.
    rewrite sum_map. apply sum_ext. intros i _. simpl. rewrite Q2R_opp. reflexivity.
  Qed.

  Lemma apart_spec i others k c us : apart E i others k = Some (c, us) -> forall x, In x others ->
    weight E i (report x i k) = c /\ us = map (fun a => u E i a (report x i k)) (outcomes E).
  Proof.
    unfold apart. destruct others as [|x0 rest]; [discriminate|]. intros H.
    match type of H with (if ?b then _ else _) = _ => destruct b eqn:Hb; [|discriminate] end.
    injection H as <- <-. apply andb_true_iff in Hb as [H1 H2]. rewrite forallb_forall in H1, H2.
    intros x [<-|Hx]; [auto|]. split.
    - symmetry. apply same_number_eq, H1, Hx.
    - apply map_ext_in. intros a Ha. specialize (H2 a Ha). cbv zeta in H2. rewrite forallb_forall in H2.
      apply same_number_eq, H2, Hx.
  Qed.
  Lemma side i k c us : nth_error (nth i (sides E) []) k = Some (c, us) ->
    In i (agents E) /\ In k (types E i) /\
    forall th, In th (cells E i k) -> weight E i th = c /\ us = map (fun a => u E i a th) (outcomes E).
  Proof.
    intros H. unfold sides in H. destruct (Nat.lt_ge_cases i (length (sizes E))) as [Hi|Hi].
    2: { rewrite nth_overflow in H; [destruct k; discriminate|]. rewrite map_length. unfold agents. rewrite seq_length. exact Hi. }
    match type of H with context [map ?h (agents E)] => rewrite (nth_indep _ [] (h 0%nat)) in H; [rewrite (map_nth h) in H|] end;
      [|rewrite map_length; unfold agents; rewrite seq_length; exact Hi].
    unfold agents in H. rewrite seq_nth in H by exact Hi. simpl Nat.add in H. cbv zeta in H.
    match type of H with context [if ?b then _ else _] => destruct b eqn:Hb; [|destruct k; discriminate] end.
    rewrite map_map, nth_error_map in H. destruct (nth_error (types E i) k) as [k'|] eqn:Hk'; [|discriminate]. injection H as H.
    unfold types in Hk'. pose proof (nth_error_Some (seq 0 (nth i (sizes E) 0%nat)) k) as Hl. rewrite Hk', seq_length in Hl.
    assert (Hk : (k < nth i (sizes E) 0)%nat) by (apply Hl; discriminate).
    apply (nth_error_nth _ _ 0%nat) in Hk'. rewrite seq_nth in Hk' by exact Hk. simpl in Hk'. subst k'.
    assert (Hin : In k (types E i)) by (unfold types; apply in_seq; lia).
    split; [unfold agents; apply in_seq; lia|]. split; [exact Hin|]. intros th Hth.
    rewrite forallb_forall in Hb. specialize (Hb (apart E i (cells E i 0) k) (in_map _ _ _ Hin)).
    destruct (apart E i (cells E i 0) k) as [y|] eqn:Ha; [|discriminate]. subst y.
    unfold cells in Hth. rewrite (slice_report (sizes E) i 0 k) in Hth. apply in_map_iff in Hth as (x & <- & Hx).
    apply (apart_spec _ _ _ _ _ Ha x Hx).
  Qed.
  Lemma sides_types i r : (r < length (nth i (sides E) []))%nat -> In r (types E i).
  Proof.
    intros H. apply nth_error_Some in H. destruct (nth_error _ r) as [[c us]|] eqn:Hr; [|congruence].
    apply side in Hr. tauto.
  Qed.

  Definition at_profile (th : profile) : vector -> R := dv (fun a => q M a th) (fun i => t M i th).
  Definition evP (s : pile) : R := (Σ th ∈ Theta E, at_profile th (everywhere s) + gain (at_profile th) (by_type s) th) + Q2R (constant s).

  Lemma pay_sum y i k r c us : nth_error (nth i (sides E) []) k = Some (c, us) -> In r (types E i) ->
    sum (of_type E i r) (fun th => at_profile th (weighed y (c, us) i)) =
    Q2R y * Σ th ∈ cells E i k, Q2R (weight E i th) * payoff E M i th r.
  Proof.
    intros H Hr. apply side in H as (Hi & Hk & H). rewrite <- cells_of_type by auto. unfold cells.
    rewrite (slice_report (sizes E) i k r), sum_map, <- sum_times. apply sum_ext. intros th Hth.
    destruct (H th Hth) as [-> ->]. unfold at_profile, dv, weighed. cbn [fst snd].
    rewrite dot_unit, map_map. unfold payoff, outcomes. rewrite dot_seq, qmul_R. cbn [Nat.add].
    rewrite (sum_ext _ _ (fun a => (Q2R y * Q2R c) * (Q2R (u E i a th) * q M a (report th i r))))
      by (intros a _; rewrite !qmul_R; lra).
    rewrite sum_times. lra.
  Qed.

  Lemma gain_step v i k l : map (@length vector) l = sizes E -> In i (agents E) ->
    sum (Theta E) (fun th => gain (at_profile th) (alter i (alter k (vplus v)) l) th) =
    sum (Theta E) (fun th => gain (at_profile th) l th) + sum (of_type E i k) (fun th => at_profile th v).
  Proof.
    intros Hl Hi. unfold of_type. rewrite <- sum_filter, <- sum_plus. apply sum_ext. intros th Hth.
    apply valid_grid in Hth. apply gain_alter.
    - intros x y. apply dv_vplus.
    - rewrite <- (map_length (@length vector) l), Hl. unfold agents in Hi. apply in_seq in Hi. lia.
    - rewrite Hl. exact Hth.
  Qed.
  Lemma flat_spec p th : flat E = Some p -> In th (Theta E) -> prior E th = p.
  Proof.
    unfold flat. destruct (Theta E) as [|x rest]; [discriminate|]. intros H.
    cbv zeta in H. destruct (forallb _ rest) eqn:Hb; [|discriminate]. injection H as <-. rewrite forallb_forall in Hb.
    intros [<-|Hx]; auto. symmetry. apply same_number_eq, Hb, Hx.
  Qed.

  Lemma piled_sound s s' y x : piled E (sides E) (flat E) s (y, x) = Some s' -> map (@length vector) (by_type s) = sizes E ->
    evP s' = evP s + Q2R y * evL (atoms E D x) /\ map (@length vector) (by_type s') = sizes E.
  Proof.
    intros H Hl. destruct x; simpl in H; try discriminate.
    - destruct (nth_error _ k) as [[c us]|] eqn:Hk; [|discriminate].
      destruct (Nat.ltb_spec r (length (nth i (sides E) []))) as [Hr|]; [|discriminate]. injection H as <-.
      apply sides_types in Hr. destruct (side _ _ _ _ Hk) as (Hi & Hk' & _).
      unfold evP. cbn [everywhere by_type constant]. rewrite alter_alter. split.
      + rewrite !sum_plus, gain_step, gain_step; auto; [|rewrite alter_lengths; auto; intros; apply alter_length].
        rewrite !pay_sum with (k := k); auto. rewrite Q2R_opp, evL_ic.
        rewrite <- sum_minus. lra.
      + rewrite !alter_lengths; auto; intros; apply alter_length.
    - destruct (nth_error _ k) as [[c us]|] eqn:Hk; [|discriminate]. injection H as <-.
      destruct (side _ _ _ _ Hk) as (Hi & Hk' & _).
      unfold evP. cbn [everywhere by_type constant]. split.
      + rewrite !sum_plus, gain_step; auto. rewrite pay_sum with (k := k); auto. rewrite evL_ir, <- sum_minus.
        rewrite qadd_R, qmul_R, Q2R_opp, qtotal_R.
        rewrite (sum_ext _ (fun th => Q2R (qmul _ _)) (fun th => Q2R (weight E i th) * Q2R (outside E i th)))
          by (intros; apply qmul_R). lra.
      + rewrite alter_lengths; auto; intros; apply alter_length.
    - destruct (flat E) as [p|] eqn:Hp; [|discriminate]. injection H as <-. unfold evP. cbn [everywhere by_type constant].
      split; [|exact Hl]. rewrite evL_bb, <- sum_times, !sum_plus.
      rewrite (sum_ext _ _ (fun th => (Q2R y * Σ i ∈ agents E, - Q2R (prior E th) * t M i th) + at_profile th (everywhere s))).
      + rewrite sum_plus. lra.
      + intros th Hth. unfold at_profile. rewrite dv_vplus. f_equal. unfold dv. cbn [fst snd dot].
        rewrite (flat_spec p th Hp Hth). unfold agents. rewrite dot_seq, <- sum_times.
        rewrite (sum_ext _ _ (fun i => Q2R y * (- Q2R p * t M i th))); [lra|]. intros i _. rewrite qmul_R, Q2R_opp. lra.
  Qed.
  Lemma gathered_sound : forall c s rest s', gathered E (sides E) (flat E) c s = (rest, s') ->
    map (@length vector) (by_type s) = sizes E ->
    evP s' + sum rest (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx))) =
    evP s + sum c (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx))) /\ map (@length vector) (by_type s') = sizes E.
  Proof.
    induction c as [|[y x] c IH]; intros s rest s' H Hl; cbn [gathered] in H.
    - injection H as <- <-. auto.
    - destruct (piled _ _ _ s (y, x)) as [s1|] eqn:H1.
      + apply piled_sound in H1 as [H1 H2]; auto. apply IH in H as [H H3]; auto. split; auto. simpl. rewrite H, H1. lra.
      + destruct (gathered _ _ _ c s) as [rest1 s1] eqn:H2. injection H as <- <-. apply IH in H2 as [H2 H3]; auto.
        split; auto. simpl. lra.
  Qed.
  Lemma combine_sound o c : evS (combine E D o c) = evL o + sum c (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx))).
  Proof.
    unfold combine, combined. destruct (gathered _ _ _ c _) as [rest s] eqn:H.
    apply gathered_sound in H as [H Hl].
    2: { simpl. rewrite map_map, <- map_id. apply map_ext. intros n. apply repeat_length. }
    enough (forall s, evS (fold_left (fun s yx => scatter E (map (scale (fst yx)) (atoms E D (snd yx))) s) rest s) =
                      evS s + sum rest (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx)))) as G.
    { rewrite G, scatter_sound. unfold evS at 1. cbn [fst snd]. rewrite evT_sums, Hl.
      change (sum (grid (sizes E)) _) with (Σ th ∈ Theta E, at_profile th (everywhere s) + gain (at_profile th) (by_type s) th).
      assert (Z : evP (bare E) = 0).
      { unfold evP. cbn [everywhere by_type constant bare]. rewrite Q2R_zero.
        rewrite (sum_ext _ _ (fun _ => 0 * 0)); [rewrite sum_times; lra|]. intros th _.
        rewrite (gain_nothing (at_profile th) (dv_nothing _ _)). unfold at_profile, dv. simpl. lra. }
      unfold evP in H at 1. lra. }
    clear. induction rest as [|[y x] c IH]; intros s; simpl; [lra|]. rewrite IH, scatter_sound, evL_scale. lra.
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
