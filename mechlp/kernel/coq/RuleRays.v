(** Ambiguous transfers whose objective has no end: rules, and a change of the transfers of each that can be added any number of times. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Rbasic_fun Lra Lia.
Require Import Mechlp Ambiguous Rays.
Import ListNotations.
Open Scope R_scope.

(** * The checker *)

Section Checker.
  Variables (E : environment) (D : design) (alpha : Q) (ir : bool) (o : objective).
  Variables (f : announced) (ds : list (nat -> profile -> Q)).
  Definition changes : list tables := map change ds.
  Definition both_of : list (tables * tables) := List.combine (tables_of f) changes.
  Definition between (x y : Q) : Q := qadd (qmul alpha x) (qmul (qadd 1 (Qopp alpha)) y).
  Definition told (i k r : nat) (m : tables) : Q := at_form E m (form E 1 i k r).

  (** One rule praises the truth of a type, and one deters each of her lies, both before the change and in it. *)
  Definition truth_of (i k : nat) (p : tables) (ms : list tables) : Q := between (qworst ms (told i k k)) (told i k k p).
  Definition lie_of (i k r : nat) (w : tables) (ms : list tables) : Q := between (told i k r w) (qbest ms (told i k r)).
  Definition stays (i k : nat) : Q := at_form E (fun _ _ => 0%Q, fun _ _ => 0%Q) (outside_form E i k).
  Definition praised_by (i k : nat) (p : tables * tables) : bool :=
    let x := truth_of i k (fst p) (tables_of f) in let y := truth_of i k (snd p) changes in
    (negb ir || (Qle_bool 0 (qadd x (stays i k)) && Qle_bool 0 y)) &&
    forallb (fun r => (r =? k)%nat || existsb (fun w =>
      Qle_bool (lie_of i k r (fst w) (tables_of f)) x && Qle_bool (lie_of i k r (snd w) changes) y) both_of) (types E i).
  Definition labels_kept : bool := forallb (fun i => forallb (fun k => existsb (praised_by i k) both_of)
    (filter (believes E i) (types E i))) (agents E).
  (** Every rule is worth [v] and grows by [g]. *)
  Definition endless_from (v g : Q) : bool :=
    ambiguous_attains E D alpha ir o v f && (length ds =? length (tables_of f))%nat &&
    forallb (is_ray E D) ds && forallb (fun d => Qeq_bool (grows E d (goal E o)) g) ds && negb (Qle_bool g 0) &&
    (Qle_bool 0 alpha && Qle_bool alpha 1) && labels_kept.
  Definition ambiguous_endless : bool := match tables_of f, ds with
    | m :: _, d :: _ => endless_from (at_form E m (goal E o)) (grows E d (goal E o)) | _, _ => false end.
End Checker.

(** * Soundness *)
Arguments Q2R : simpl never.

Lemma qworst_le ms f m : In m ms -> Q2R (qworst ms f) <= Q2R (f m).
Proof.
  induction ms as [|m0 [|m1 ms] IH]; [intros []|intros [->|[]]; simpl; lra|].
  change (qworst (m0 :: m1 :: ms) f) with (let w := qworst (m1 :: ms) f in if Qle_bool (f m0) w then f m0 else w).
  cbv zeta. destruct (Qle_bool _ _) eqn:H; [apply le_R in H|apply nle_R in H]; intros [->|Hm]; try specialize (IH Hm); lra.
Qed.
Lemma qbest_ge ms f m : In m ms -> Q2R (f m) <= Q2R (qbest ms f).
Proof.
  induction ms as [|m0 [|m1 ms] IH]; [intros []|intros [->|[]]; simpl; lra|].
  change (qbest (m0 :: m1 :: ms) f) with (let w := qbest (m1 :: ms) f in if Qle_bool (f m0) w then w else f m0).
  cbv zeta. destruct (Qle_bool _ _) eqn:H; [apply le_R in H|apply nle_R in H]; intros [->|Hm]; try specialize (IH Hm); lra.
Qed.

Section Soundness.
  Variables (E : environment) (D : design) (alpha : Q) (ir : bool) (o : objective).
  Variables (f : announced) (ds : list (nat -> profile -> Q)) (s : R).
  Hypothesis Hs : 0 <= s.
  Hypothesis Hal : 0 <= Q2R alpha <= 1.
  Hypothesis Hlen : length ds = length (tables_of f).
  Let pairs := List.combine (tables_of f) ds.
  Definition further (md : tables * (nat -> profile -> Q)) : mechanism := moved (of_tables (fst md)) s (snd md).
  Let rules := map further pairs.

  Lemma both_pairs : both_of f ds = map (fun md => (fst md, change (snd md))) pairs.
  Proof.
    unfold both_of, changes, pairs. generalize (tables_of f) ds. induction l as [|m l IH]; intros [|d l']; simpl; auto. f_equal; apply IH.
  Qed.
  Lemma of_pair md : In md pairs -> In (fst md) (tables_of f) /\ In (change (snd md)) (changes ds).
  Proof.
    intros H. destruct md as [m d]. split; [apply in_combine_l in H; exact H|]. apply in_combine_r in H. apply in_map, H.
  Qed.

  Lemma told_is i k r m : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    Q2R (told E i k r m) = Q2R (mass E i k) * interim E (of_tables m) i k r.
  Proof. intros Hi Hk Hm. unfold told. rewrite at_form_R. unfold evL. rewrite form_sum, Q2R_one; auto. lra. Qed.
  Lemma further_told i k r md : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    Q2R (mass E i k) * interim E (further md) i k r = Q2R (told E i k r (fst md)) + s * Q2R (told E i k r (change (snd md))).
  Proof. intros Hi Hk Hm. rewrite !told_is; auto. unfold further. rewrite interim_moved. ring. Qed.
  Lemma between_R x y : Q2R (between alpha x y) = Q2R alpha * Q2R x + (1 - Q2R alpha) * Q2R y.
  Proof. unfold between. rewrite qadd_R, !qmul_R, qadd_R, Q2R_opp, Q2R_one. ring. Qed.

  Lemma truth_more i k p : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q -> In p pairs ->
    Q2R (truth_of E alpha i k (fst p) (tables_of f)) + s * Q2R (truth_of E alpha i k (change (snd p)) (changes ds)) <=
    Q2R (mass E i k) * prospect alpha rules (fun M => interim E M i k k).
  Proof.
    intros Hi Hk Hm Hp. unfold truth_of. rewrite !between_R, <- prospect_times by (apply mass_R, Hm). unfold prospect.
    set (F := fun M => Q2R (mass E i k) * interim E M i k k).
    assert (Hin : In (further p) rules) by (apply in_map, Hp).
    pose proof (best_ge rules F (further p) Hin) as HB. unfold F in HB at 1. rewrite further_told in HB; auto.
    destruct (worst_attained rules F) as (M & HM & HW); [intros Z; rewrite Z in Hin; destruct Hin|].
    apply in_map_iff in HM as (md & <- & Hmd). rewrite HW. unfold F at 1. rewrite further_told; auto.
    destruct (of_pair md Hmd) as [I1 I2].
    pose proof (qworst_le _ (told E i k k) _ I1) as L1. pose proof (qworst_le _ (told E i k k) _ I2) as L2.
    apply (Rmult_le_compat_l s) in L2; [|exact Hs].
    apply (Rmult_le_compat_l (1 - Q2R alpha)) in HB; [|lra].
    pose proof (Rmult_le_compat_l (Q2R alpha) _ _ (proj1 Hal) (Rplus_le_compat _ _ _ _ L1 L2)). lra.
  Qed.
  Lemma lie_less i k r w : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q -> In w pairs ->
    Q2R (mass E i k) * prospect alpha rules (fun M => interim E M i k r) <=
    Q2R (lie_of E alpha i k r (fst w) (tables_of f)) + s * Q2R (lie_of E alpha i k r (change (snd w)) (changes ds)).
  Proof.
    intros Hi Hk Hm Hw. unfold lie_of. rewrite !between_R, <- prospect_times by (apply mass_R, Hm). unfold prospect.
    set (F := fun M => Q2R (mass E i k) * interim E M i k r).
    assert (Hin : In (further w) rules) by (apply in_map, Hw).
    pose proof (worst_le rules F (further w) Hin) as HB. unfold F in HB at 2. rewrite further_told in HB; auto.
    destruct (best_attained rules F) as (M & HM & HW); [intros Z; rewrite Z in Hin; destruct Hin|].
    apply in_map_iff in HM as (md & <- & Hmd). rewrite HW. unfold F at 2. rewrite further_told; auto.
    destruct (of_pair md Hmd) as [I1 I2].
    pose proof (qbest_ge _ (told E i k r) _ I1) as L1. pose proof (qbest_ge _ (told E i k r) _ I2) as L2.
    apply (Rmult_le_compat_l s) in L2; [|exact Hs].
    apply (Rmult_le_compat_l (Q2R alpha)) in HB; [|tauto].
    assert (P : 0 <= 1 - Q2R alpha) by lra.
    pose proof (Rmult_le_compat_l _ _ _ P (Rplus_le_compat _ _ _ _ L1 L2)). lra.
  Qed.

  Lemma further_rules : ambiguous E D alpha ir (map of_tables (tables_of f)) -> forallb (is_ray E D) ds = true ->
    labels_kept E alpha ir f ds = true -> ambiguous E D alpha ir rules.
  Proof.
    intros (Hne & Hall & Hone & _ & _) HR HK. rewrite forallb_forall in HR. unfold labels_kept in HK. rewrite forallb_forall in HK.
    assert (Hrules : forall M, In M rules -> exists md, In md pairs /\ M = further md).
    { intros M HM. apply in_map_iff in HM as (md & <- & Hmd). eauto. }
    assert (K : forall i k, In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q -> exists p, In p pairs /\
      praised_by E alpha ir f ds i k (fst p, change (snd p)) = true).
    { intros i k Hi Hk Hm. specialize (HK i Hi). rewrite forallb_forall in HK.
      specialize (HK k ltac:(apply filter_In; split; auto; apply believes_pos; auto)). rewrite both_pairs in HK.
      apply existsb_exists in HK as (p & Hp & HK). apply in_map_iff in Hp as (md & <- & Hp). eauto. }
    refine (conj _ (conj _ (conj _ (conj _ _)))).
    - unfold rules, pairs. destruct (tables_of f) as [|m l]; [destruct Hne; reflexivity|]. destruct ds; discriminate.
    - intros M HM. apply Hrules in HM as ([m d] & Hmd & ->). apply moved_satisfies; auto.
      + apply Hall, in_map. apply in_combine_l in Hmd. exact Hmd.
      + apply HR. apply in_combine_r in Hmd. exact Hmd.
    - assert (one_allocation (map of_tables (tables_of f)) -> one_allocation rules) as G.
      { intros [x Hx]. exists x. intros M HM. apply Hrules in HM as ([m d] & Hmd & ->). simpl.
        apply (Hx (of_tables m)), in_map. apply in_combine_l in Hmd. exact Hmd. }
      destruct (allocation D); auto.
    - intros i k r Hi Hk Hr Hm. destruct (Nat.eq_dec r k) as [->|Hne']; [apply Rge_refl|].
      destruct (K i k Hi Hk Hm) as (p & Hp & H). unfold praised_by in H. cbv zeta in H. apply andb_true_iff in H as [_ H].
      rewrite forallb_forall in H. specialize (H r Hr). rewrite both_pairs in H. apply orb_true_iff in H as [H|H]; [apply Nat.eqb_eq in H; contradiction|].
      apply existsb_exists in H as (w' & Hw & H). apply in_map_iff in Hw as (w & <- & Hw). apply andb_true_iff in H as [H1 H2].
      cbn [fst snd] in H1, H2. apply le_R in H1, H2. apply (Rmult_le_compat_l s) in H2; [|exact Hs].
      pose proof (truth_more i k p Hi Hk Hm Hp) as T. pose proof (lie_less i k r w Hi Hk Hm Hw) as L.
      apply Rle_ge, (Rmult_le_reg_l (Q2R (mass E i k))); [apply mass_R, Hm|lra].
    - destruct ir; [|exact I]. intros i k Hi Hk Hm. destruct (K i k Hi Hk Hm) as (p & Hp & H). unfold praised_by in H. cbv zeta in H.
      apply andb_true_iff in H as [H _]. simpl in H. apply andb_true_iff in H as [H1 H2]. apply le_R in H1, H2.
      pose proof (truth_more i k p Hi Hk Hm Hp) as T. rewrite Q2R_zero in H1, H2. rewrite qadd_R in H1.
      assert (S : Q2R (stays E i k) = - (Q2R (mass E i k) * interim_outside E i k))
        by (unfold stays; rewrite at_form_R; unfold evL; apply outside_sum; auto).
      pose proof (Rmult_le_pos _ _ Hs H2).
      apply Rle_ge, (Rmult_le_reg_l (Q2R (mass E i k))); [apply mass_R, Hm|lra].
  Qed.
End Soundness.

(** ** For the files of answers *)
Section Answers.
  Variables (E : environment) (D : design) (alpha : Q) (ir : bool) (o : objective).
  Variables (asks : list mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall rules, asks rules <-> ambiguous E D alpha ir rules.

  Lemma along_rules f ds : ambiguous_endless E D alpha ir o f ds = true -> forall x : R, exists rules, asks rules /\
    exists y, x <= y /\ forall M, In M rules -> value E o M = y.
  Proof.
    unfold ambiguous_endless. intros H. assert (exists v g, endless_from E D alpha ir o f ds v g = true) as (v & g & G)
      by (destruct (tables_of f), ds; try discriminate; eauto).
    revert G. clear H. unfold endless_from. rewrite !andb_true_iff. intros ((((((H1 & H2) & H3) & H4) & H5) & (H6 & H7)) & H8) x.
    unfold ambiguous_attains in H1. apply andb_true_iff in H1 as [Hp Hv]. rewrite forallb_forall in H4, Hv.
    apply Nat.eqb_eq in H2. apply negb_true_iff, nle_R in H5. rewrite Q2R_zero in H5. apply le_R in H6, H7.
    rewrite Q2R_zero in H6. rewrite Q2R_one in H7.
    destruct (far_enough _ (Q2R v) x H5) as (s & Hs & Hx).
    exists (map (further s) (List.combine (tables_of f) ds)). split.
    - apply same, further_rules; auto. apply ambiguous_passes_sound, Hp.
    - exists (Q2R v + s * Q2R g). split; [exact Hx|]. intros M HM. apply in_map_iff in HM as ([m d] & <- & Hmd).
      unfold further. cbn [fst snd]. rewrite <- goal_value, form_moved, goal_value.
      pose proof (in_combine_l _ _ _ _ Hmd) as Hm. apply in_combine_r in Hmd.
      rewrite <- (eq_R _ _ (H4 d Hmd)), <- (eq_R _ _ (Hv m Hm)), at_form_R, goal_value. reflexivity.
  Qed.
  Lemma ambiguous_grows_always f ds : (forall M, value E o M = worth M) -> ambiguous_endless E D alpha ir o f ds = true ->
    forall x : R, exists rules, asks rules /\ exists y, x <= y /\ forall M, In M rules -> worth M = y.
  Proof.
    intros Hw H x. destruct (along_rules f ds H x) as (rules & Ha & y & Hy & HM). exists rules. split; [exact Ha|].
    exists y. split; [exact Hy|]. intros M HM'. rewrite <- Hw. auto.
  Qed.
  Lemma ambiguous_falls_always f ds : (forall M, value E o M = - worth M) -> ambiguous_endless E D alpha ir o f ds = true ->
    forall x : R, exists rules, asks rules /\ exists y, y <= x /\ forall M, In M rules -> worth M = y.
  Proof.
    intros Hw H x. destruct (along_rules f ds H (- x)) as (rules & Ha & y & Hy & HM). exists rules. split; [exact Ha|].
    exists (- y). split; [lra|]. intros M HM'. specialize (HM M HM'). rewrite Hw in HM. lra.
  Qed.
End Answers.
