(** Multipliers that the checker accepts prove what they claim of every mechanism. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
Require Export Soundness.
Import ListNotations.
Open Scope R_scope.

Section Bounds.
  Variable E : environment.
  Variable D : design.
  Variable M : mechanism.
  Local Notation evL := (evL E M).

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

  Lemma worths_sound th a : In th (Theta E) -> In a (outcomes E) -> worths D (sides E) <> [] ->
    added a (worths D (sides E)) th = Q2R (surplus E a th).
  Proof.
    intros Ht Ha. unfold worths. destruct (allocation D); try congruence.
    destruct (forallb _ (sides E)) eqn:Hb; [|congruence]. intros _. rewrite forallb_forall in Hb.
    assert (Hl : length (sides E) = length (sizes E)) by (unfold sides, agents; rewrite map_length, seq_length; auto).
    pose proof Ht as Hs. apply Theta_spec in Hs as [Hs1 Hs2].
    rewrite added_sum; rewrite !map_length; [|congruence]. unfold surplus. rewrite qsum_R. unfold agents. rewrite Hl.
    apply sum_ext. intros i Hi. apply in_seq in Hi.
    rewrite (nth_indep _ [] (map snd (@nil (Q * list Q)))) by (rewrite map_length; lia). rewrite map_nth.
    assert (Hk : In (type_of th i) (types E i)) by (unfold types; apply in_seq; specialize (Hs2 i); lia).
    assert (Hn : nth i (sides E) [] <> []).
    { intros Hn. specialize (Hb _ (nth_In (sides E) [] (n := i) ltac:(lia))). rewrite Hn in Hb. discriminate. }
    assert (Hlen : length (nth i (sides E) []) = nth i (sizes E) 0%nat).
    { clear - Hn Hi. unfold sides in *. revert Hn.
      match goal with |- context [map ?h (agents E)] => rewrite (nth_indep _ [] (h 0%nat)) by (rewrite map_length; unfold agents; rewrite seq_length; lia);
        rewrite (map_nth h) end.
      unfold agents. rewrite seq_nth by lia. cbv zeta. simpl Nat.add. destruct (forallb _ _); [|congruence].
      intros _. rewrite !map_length. unfold types. apply seq_length. }
    destruct (nth_error (nth i (sides E) []) (type_of th i)) as [[c us]|] eqn:He.
    2: { apply nth_error_None in He. unfold types in Hk. apply in_seq in Hk. lia. }
    rewrite (nth_indep _ [] (snd (0%Q, @nil Q))) by (rewrite map_length, Hlen; unfold types in Hk; apply in_seq in Hk; lia).
    rewrite map_nth, (nth_error_nth _ _ _ He). cbn [snd].
    apply side in He as (Hi' & _ & He). destruct (He th) as [_ ->].
    { rewrite cells_of_type by auto. unfold of_type. apply filter_In. split; auto. apply Nat.eqb_refl. }
    rewrite (nth_indep _ 0%Q (u E i 0%nat th)) by (rewrite map_length; unfold outcomes in *; rewrite seq_length; apply in_seq in Ha; lia).
    rewrite (map_nth (fun a => u E i a th)). unfold outcomes in *. apply in_seq in Ha. rewrite seq_nth by lia. reflexivity.
  Qed.

  Lemma peak_lottery_sound th cq x : satisfies E D M -> In th (Theta E) -> (length cq <= num_outcomes E)%nat ->
    peak_lottery E D (gone [] (worths D (sides E)) th) cq th = Some x -> dot cq (fun a => q M a th) 0 <= Q2R x.
  Proof.
    intros HM Ht Hlen H. unfold peak_lottery in H. destruct cq as [|c0 cq0]; [apply (best_lottery_sound _ th); auto|].
    destruct (allocation D) eqn:Hal; try (apply (best_lottery_sound _ th); auto; fail).
    remember (c0 :: cq0) as cq eqn:Hcq. clear c0 cq0 Hcq.
    set (l := match gone [] (worths D (sides E)) th with [] => _ | _ => _ end) in H.
    assert (Hw : forall a, In a (outcomes E) -> Q2R (nth a l 0%Q) = Q2R (surplus E a th)).
    { intros a Ha. assert (Q2R (nth a (map (fun a => worth E a th) (outcomes E)) 0%Q) = Q2R (surplus E a th)) as H0.
      { rewrite (nth_indep _ 0%Q (worth E 0 th)) by (rewrite map_length; unfold outcomes in *; rewrite seq_length; apply in_seq in Ha; lia).
        rewrite (map_nth (fun a => worth E a th)). unfold outcomes in *. apply in_seq in Ha. rewrite seq_nth by lia.
        apply Qeq_eqR, qtotal_eq. }
      unfold l. destruct (gone [] _ th) as [|y ws] eqn:Hg; [exact H0|]. rewrite <- Hg, gone_added, worths_sound; auto.
      - destruct a; simpl; rewrite Q2R_zero; lra.
      - intros Hn. rewrite Hn, gone_nothing in Hg. discriminate. }
    rewrite (dot_nth _ cq (num_outcomes E) 0 Hlen).
    rewrite (sum_ext _ _ (fun a => Q2R (nth a cq 0%Q) * q M a th)) by (intros a _; rewrite Nat.sub_0_r; reflexivity).
    fold (outcomes E). destruct HM as (HL & HA & _). rewrite Hal in HA. destruct (HL th Ht) as [Hp H1].
    rewrite <- (Rmult_1_r (Q2R x)), <- H1, <- sum_times. apply sum_le. intros a Ha.
    destruct (Rle_lt_dec (q M a th) 0) as [Hz|Hz].
    { replace (q M a th) with 0 by (specialize (Hp a Ha); lra). lra. }
    apply Rmult_le_compat_r; auto.
    match type of H with match ?F with _ => _ end = _ => destruct F as [|a0 rest] eqn:Hf; [discriminate|] end.
    inversion H; subst x.
    assert (Hin : In a (a0 :: rest)).
    { rewrite <- Hf. apply filter_In. split; auto. cbv zeta. apply forallb_forall. intros b Hb.
      apply Qle_bool_iff, Rle_Qle. rewrite !Hw; auto. }
    destruct (fold_max (fun a => nth a cq 0%Q) rest (nth a0 cq 0%Q)) as [F1 F2]. destruct Hin as [->|Hin]; auto.
  Qed.
  Lemma peak_leaf_sound th cq ct x : satisfies E D M -> valid (sizes E) th = true ->
    peak_leaf E D th (gone [] (worths D (sides E)) th) cq ct = Some x ->
    dot cq (fun a => q M a th) 0 + dot ct (fun i => t M i th) 0 <= Q2R x.
  Proof.
    intros HM Hv H. apply valid_grid in Hv. unfold peak_leaf in H.
    destruct (_ && _) eqn:Hb; [|discriminate]. apply andb_true_iff in Hb as [H1 H2]. apply Nat.leb_le in H1, H2.
    destruct (peak_lottery _ _ _ _ _) as [y|] eqn:Hy; [|discriminate].
    destruct (best_transfers _ _ _ _) as [z|] eqn:Hz; [|discriminate]. inversion H. rewrite qadd_R.
    apply Rplus_le_compat; [eapply peak_lottery_sound; eauto | eapply best_transfers_sound; eauto; lia].
  Qed.

  Lemma upper_sound g o c b : satisfies E D M -> upper E D g o c = Some b ->
    evL o + sum g (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx))) <= Q2R b.
  Proof.
    intros HM H. unfold upper in H. destruct (forallb (sign_correct E D) c) eqn:Hs; [|discriminate].
    pose proof (combine_sound E D M o (g ++ c)) as Hc. unfold combine in Hc. cbv zeta in H.
    destruct (combined E D (sides E) o (g ++ c)) as [T b0].
    destruct (peak _ _ _ _ T) as [x|] eqn:Hx; [|discriminate]. inversion H. rewrite qadd_R.
    apply (peak_sound T _ _ _ (fun th a => q M a th) (fun th i => t M i th)) in Hx;
      [|intros; eapply peak_leaf_sound; eauto].
    unfold evS in Hc. simpl in Hc. rewrite sum_app in Hc.
    enough (0 <= sum c (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx)))) by lra.
    clear - HM Hs. induction c as [|[y r] c IH]; simpl in *; [lra|].
    apply andb_true_iff in Hs as [H1 H2]. specialize (IH H2).
    unfold sign_correct in H1. simpl in H1. apply andb_true_iff in H1 as [H1 H3].
    rewrite atoms_slack; auto. pose proof (slack_holds E D M r HM H1) as H4.
    destruct (equality D r); [rewrite H4; lra|]. simpl in H3. apply le_R in H3. rewrite Q2R_zero in H3.
    pose proof (Rmult_le_pos _ _ H3 H4). lra.
  Qed.
End Bounds.

(** No mechanism satisfies the design. *)
Theorem refutation E D c : refutes E D c = true -> ~ exists M, satisfies E D M.
Proof.
  intros H [M HM]. unfold refutes in H. destruct (upper E D [] [] c) as [b|] eqn:Hb; [|discriminate].
  apply (upper_sound E D M) in Hb; auto. apply negb_true_iff, nle_R in H. rewrite Q2R_zero in H.
  unfold evL in Hb. simpl in Hb. lra.
Qed.

(** Every mechanism is worth at most v. *)
Theorem bound E D o v c : bounds E D o v c = true -> forall M, satisfies E D M -> value E o M <= Q2R v.
Proof.
  intros H M HM. unfold bounds in H.
  assert (exists b, Qle_bool b v = true /\ evL E M (goal E o) <= Q2R b) as (b & H1 & H2).
  { destruct o; match type of H with match ?x with _ => _ end = _ => destruct x as [b|] eqn:Hb; [|discriminate] end;
      apply (upper_sound E D M) in Hb; auto; exists b; split; auto; cbn [sum] in Hb; try lra.
    unfold evL at 1 in Hb. cbn [sum fst snd atoms] in Hb. rewrite Q2R_one in Hb. cbn [goal]. lra. }
  apply le_R in H1. rewrite goal_value in H2. lra.
Qed.
