(** Interim payoffs that can be reached, and interim efficiency (Holmström and Myerson 1983). *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Rbasic_fun Lra Lia.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

(** * Definitions: [U i k] is what type k of agent i is to compare with; types that nobody believes in do not count *)
Section Definitions.
  Variables (E : environment) (U : nat -> nat -> Q) (M : mechanism).
  Definition for_every_type (claim : nat -> nat -> Prop) : Prop := forall i k, In i (agents E) -> In k (types E i) ->
    (0 < mass E i k)%Q -> claim i k.
  Definition for_some_type (claim : nat -> nat -> Prop) : Prop := exists i k, In i (agents E) /\ In k (types E i) /\
    (0 < mass E i k)%Q /\ claim i k.
  Definition gives : Prop := for_every_type (fun i k => interim E M i k k = U i k).
  Definition better_for_all : Prop := for_every_type (fun i k => interim E M i k k > U i k).
  Definition dominates : Prop := for_every_type (fun i k => interim E M i k k >= U i k) /\
    for_some_type (fun i k => interim E M i k k > U i k).
End Definitions.

(** * The checker *)
Section Checker.
  Variables (E : environment) (D : design) (U : nat -> nat -> Q).
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).
  (** What truth is worth, and U, times the total weight of the type. *)
  Definition truth_total (i k : nat) : Q := at_form E m (map (fun theta => Pay (weight E i theta) i theta k) (cells E i k)).
  Definition wanted_total (i k : nat) : Q := qmul (total E i k) (U i k).
  Definition every_type (test : nat -> nat -> bool) : bool :=
    forallb (fun i => forallb (test i) (filter (believes E i) (types E i))) (agents E).
  Definition some_type (test : nat -> nat -> bool) : bool :=
    existsb (fun i => existsb (test i) (filter (believes E i) (types E i))) (agents E).
  Definition above (i k : nat) : bool := negb (Qle_bool (truth_total i k) (wanted_total i k)).
  Definition it_gives : bool := passes E D m && every_type (fun i k => Qeq_bool (truth_total i k) (wanted_total i k)).
  Definition it_is_better : bool := passes E D m && every_type above.
  Definition it_dominates : bool := passes E D m &&
    (every_type (fun i k => Qle_bool (wanted_total i k) (truth_total i k)) && some_type above).

  (** Weights of types, and a bound on the weighted payoffs of all mechanisms. *)
  Variables (weights : nat -> nat -> Q) (h : Q) (c : certificate).
  Definition weighted : Q := qtotal (agents E) (fun i => qtotal (types E i) (fun k =>
    if Qle_bool (total E i k) 0 then 0%Q else qmul (weights i k) (U i k))).
  Definition limited : bool := bounds E D (WeightedInterim weights) h c.
  Definition out_of_reach : bool := limited && negb (Qle_bool weighted h).
  Definition none_better : bool := limited && Qle_bool h weighted &&
    (every_type (fun i k => Qle_bool 0 (weights i k)) && some_type (fun i k => negb (Qle_bool (weights i k) 0))).
  Definition none_dominates : bool := limited && Qle_bool h weighted && every_type (fun i k => negb (Qle_bool (weights i k) 0)).
End Checker.

(** * Soundness *)
Arguments Q2R : simpl never.

Section Soundness.
  Variables (E : environment) (D : design) (U : nat -> nat -> Q).
  Lemma every_type_spec test : every_type E test = true -> for_every_type E (fun i k => test i k = true).
  Proof.
    unfold every_type. rewrite forallb_forall. intros H i k Hi Hk Hm. specialize (H i Hi). rewrite forallb_forall in H.
    apply H, filter_In. split; [exact Hk|]. apply believes_pos; assumption.
  Qed.
  Lemma some_type_spec test : some_type E test = true -> for_some_type E (fun i k => test i k = true).
  Proof.
    unfold some_type. intros H. apply existsb_exists in H as (i & Hi & H). apply existsb_exists in H as (k & Hk & H).
    apply filter_In in Hk as [Hk Hb]. apply believes_pos in Hb; auto. exists i, k. auto.
  Qed.
  Lemma truth_R m i k : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    Q2R (truth_total E m i k) = Q2R (mass E i k) * interim E (of_tables m) i k k.
  Proof.
    intros Hi Hk Hm. unfold truth_total, interim. rewrite at_form_R, average; auto. unfold evL. rewrite sum_map.
    apply sum_ext. intros th _. reflexivity.
  Qed.
  Lemma wanted_R i k : In i (agents E) -> In k (types E i) -> Q2R (wanted_total E U i k) = Q2R (mass E i k) * Q2R (U i k).
  Proof. intros Hi Hk. unfold wanted_total. rewrite qmul_R, (Qeq_eqR _ _ (total_mass E i k Hi Hk)). reflexivity. Qed.
  Lemma above_sound m i k : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q -> above E U m i k = true ->
    interim E (of_tables m) i k k > U i k.
  Proof.
    intros Hi Hk Hm H. unfold above in H. apply negb_true_iff, nle_R in H. rewrite truth_R, wanted_R in H; auto.
    apply Rlt_gt, (Rmult_lt_reg_l (Q2R (mass E i k))); [apply mass_R, Hm|exact H].
  Qed.

  Lemma it_gives_sound m : it_gives E D U m = true -> exists M, satisfies E D M /\ gives E U M.
  Proof.
    unfold it_gives. intros H. apply andb_true_iff in H as [H1 H2]. apply every_type_spec in H2. exists (of_tables m).
    split; [apply passes_sound, H1|]. intros i k Hi Hk Hm. specialize (H2 i k Hi Hk Hm). simpl in H2. apply eq_R in H2.
    rewrite truth_R, wanted_R in H2; auto. pose proof (mass_R E i k Hm). apply (Rmult_eq_reg_l (Q2R (mass E i k))); lra.
  Qed.
  Lemma it_is_better_sound m : it_is_better E D U m = true -> exists M, satisfies E D M /\ better_for_all E U M.
  Proof.
    unfold it_is_better. intros H. apply andb_true_iff in H as [H1 H2]. apply every_type_spec in H2. exists (of_tables m).
    split; [apply passes_sound, H1|]. intros i k Hi Hk Hm. apply above_sound; auto; apply H2; auto.
  Qed.
  Lemma it_dominates_sound m : it_dominates E D U m = true -> exists M, satisfies E D M /\ dominates E U M.
  Proof.
    unfold it_dominates. rewrite !andb_true_iff. intros (H1 & H2 & H3). apply every_type_spec in H2. apply some_type_spec in H3.
    exists (of_tables m). split; [apply passes_sound, H1|]. split.
    - intros i k Hi Hk Hm. specialize (H2 i k Hi Hk Hm). simpl in H2. apply le_R in H2. rewrite truth_R, wanted_R in H2; auto.
      apply Rle_ge, (Rmult_le_reg_l (Q2R (mass E i k))); [apply mass_R, Hm|exact H2].
    - destruct H3 as (i & k & Hi & Hk & Hm & H3). exists i, k. split; [exact Hi|]. split; [exact Hk|]. split; [exact Hm|]. apply above_sound; auto.
  Qed.

  Variables (weights : nat -> nat -> Q) (h : Q) (c : certificate) (M : mechanism).
  Hypothesis HM : satisfies E D M.
  Hypothesis Hb : limited E D weights h c = true.

  (** The weighted payoffs of M beyond those that it is compared with. *)
  Definition beyond : R := Σ i ∈ agents E, Σ k ∈ types E i, if Qle_bool (mass E i k) 0 then 0 else
    Q2R (weights i k) * (interim E M i k k - Q2R (U i k)).
  Lemma beyond_le : beyond <= Q2R h - Q2R (weighted E U weights).
  Proof.
    pose proof (bound E D _ h c Hb M HM) as H. simpl in H. unfold weighted_interim in H.
    enough (beyond = (Σ i ∈ agents E, Σ k ∈ types E i, if Qle_bool (mass E i k) 0 then 0 else weights i k * interim E M i k k)
      - Q2R (weighted E U weights)) by lra.
    unfold beyond, weighted. rewrite qtotal_R, sum_minus. apply sum_ext. intros i Hi. rewrite qtotal_R, sum_minus.
    apply sum_ext. intros k Hk. replace (Qle_bool (total E i k) 0) with (Qle_bool (mass E i k) 0)
      by (apply eq_true_iff_eq; rewrite !Qle_bool_iff, (total_mass E i k Hi Hk); reflexivity).
    destruct (Qle_bool (mass E i k) 0); [rewrite Q2R_zero; lra|]. rewrite qmul_R. ring.
  Qed.
  Lemma counted i k : Qle_bool (mass E i k) 0 = false -> (0 < mass E i k)%Q.
  Proof. intros H. apply Qnot_le_lt. intros H'. apply Qle_bool_iff in H'. congruence. Qed.
  Lemma not_counted i k : (0 < mass E i k)%Q -> Qle_bool (mass E i k) 0 = false.
  Proof. intros H. apply not_true_is_false. intros H'. apply Qle_bool_iff in H'. apply (Qlt_not_le _ _ H H'). Qed.
  Lemma sum_nonneg {X} (l : list X) f : (forall x, In x l -> 0 <= f x) -> 0 <= sum l f.
  Proof.
    induction l as [|x l IH]; simpl; intros H; [lra|]. pose proof (H x (or_introl eq_refl)).
    assert (0 <= sum l f) by (apply IH; auto). lra.
  Qed.
  Lemma sum_positive {X} (l : list X) f x : (forall x, In x l -> 0 <= f x) -> In x l -> 0 < f x -> 0 < sum l f.
  Proof.
    induction l as [|y l IH]; simpl; intros H Hin Hpos; [destruct Hin|]. pose proof (H y (or_introl eq_refl)).
    assert (0 <= sum l f) by (apply sum_nonneg; auto). destruct Hin as [->|Hin]; [lra|].
    assert (0 < sum l f) by (apply IH; auto). lra.
  Qed.
  Lemma beyond_positive : for_every_type E (fun i k => 0 <= Q2R (weights i k) * (interim E M i k k - Q2R (U i k))) ->
    for_some_type E (fun i k => 0 < Q2R (weights i k) * (interim E M i k k - Q2R (U i k))) -> 0 < beyond.
  Proof.
    intros H (i & k & Hi & Hk & Hm & Hp).
    assert (N : forall i, In i (agents E) -> forall k, In k (types E i) -> 0 <= if Qle_bool (mass E i k) 0 then 0 else
      Q2R (weights i k) * (interim E M i k k - Q2R (U i k))).
    { intros i' Hi' k' Hk'. destruct (Qle_bool (mass E i' k') 0) eqn:Z; [lra|]. apply H; auto. apply counted, Z. }
    apply (sum_positive _ _ i); auto; [intros i' Hi'; apply sum_nonneg; auto|].
    apply (sum_positive _ _ k); auto. rewrite not_counted; auto.
  Qed.
End Soundness.

(** ** For the files of answers *)
Section Answers.
  Variables (E : environment) (D : design) (U : nat -> nat -> Q) (asks : mechanism -> Prop).
  Hypothesis same : forall M, asks M <-> satisfies E D M.

  Lemma reached_by m : it_gives E D U m = true -> exists M, asks M /\ gives E U M.
  Proof. intros H. destruct (it_gives_sound E D U m H) as (M & H1 & H2). exists M. split; auto. apply same, H1. Qed.
  Lemma better_by m : it_is_better E D U m = true -> exists M, asks M /\ better_for_all E U M.
  Proof. intros H. destruct (it_is_better_sound E D U m H) as (M & H1 & H2). exists M. split; auto. apply same, H1. Qed.
  Lemma dominated_by m : it_dominates E D U m = true -> exists M, asks M /\ dominates E U M.
  Proof. intros H. destruct (it_dominates_sound E D U m H) as (M & H1 & H2). exists M. split; auto. apply same, H1. Qed.

  Lemma never_reached w h c : out_of_reach E D U w h c = true -> ~ exists M, asks M /\ gives E U M.
  Proof.
    unfold out_of_reach. intros H (M & HM & HG). apply andb_true_iff in H as [H1 H2]. apply same in HM.
    pose proof (beyond_le E D U w h c M HM H1) as B. apply negb_true_iff, nle_R in H2.
    enough (beyond E U w M = 0) by lra. unfold beyond.
    rewrite (sum_ext (agents E) _ (fun _ => 0 * 0)); [rewrite sum_times; ring|]. intros i Hi.
    rewrite (sum_ext (types E i) _ (fun _ => 0 * 0)); [rewrite sum_times; ring|]. intros k Hk.
    destruct (Qle_bool (mass E i k) 0) eqn:Z; [ring|]. rewrite (HG i k Hi Hk (counted E i k Z)). ring.
  Qed.
  Lemma never_better w h c : none_better E D U w h c = true -> ~ exists M, asks M /\ better_for_all E U M.
  Proof.
    unfold none_better. rewrite !andb_true_iff. intros [[H1 H2] [H3 H4]] (M & HM & HG). apply same in HM.
    pose proof (beyond_le E D U w h c M HM H1) as B. apply le_R in H2. apply every_type_spec in H3. apply some_type_spec in H4.
    enough (0 < beyond E U w M) by lra. apply beyond_positive.
    - intros i k Hi Hk Hm. specialize (H3 i k Hi Hk Hm). simpl in H3. apply le_R in H3. rewrite Q2R_zero in H3.
      specialize (HG i k Hi Hk Hm). simpl in HG. apply Rmult_le_pos; lra.
    - destruct H4 as (i & k & Hi & Hk & Hm & H4). exists i, k. split; [exact Hi|]. split; [exact Hk|]. split; [exact Hm|]. apply negb_true_iff, nle_R in H4.
      rewrite Q2R_zero in H4. specialize (HG i k Hi Hk Hm). simpl in HG. apply Rmult_lt_0_compat; lra.
  Qed.
  Lemma never_dominated w h c : none_dominates E D U w h c = true -> ~ exists M, asks M /\ dominates E U M.
  Proof.
    unfold none_dominates. rewrite !andb_true_iff. intros [[H1 H2] H3] (M & HM & HG & HS). apply same in HM.
    pose proof (beyond_le E D U w h c M HM H1) as B. apply le_R in H2. apply every_type_spec in H3.
    assert (P : for_every_type E (fun i k => 0 < Q2R (w i k))).
    { intros i k Hi Hk Hm. specialize (H3 i k Hi Hk Hm). simpl in H3. apply negb_true_iff, nle_R in H3. rewrite Q2R_zero in H3. exact H3. }
    enough (0 < beyond E U w M) by lra. apply beyond_positive.
    - intros i k Hi Hk Hm. specialize (P i k Hi Hk Hm). specialize (HG i k Hi Hk Hm). simpl in *. apply Rmult_le_pos; lra.
    - destruct HS as (i & k & Hi & Hk & Hm & HS). exists i, k. split; [exact Hi|]. split; [exact Hk|]. split; [exact Hm|]. specialize (P i k Hi Hk Hm). simpl in P.
      apply Rmult_lt_0_compat; lra.
  Qed.
End Answers.
