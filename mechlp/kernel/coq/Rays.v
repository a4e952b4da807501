(** Objectives without end: a mechanism, and a change of transfers that can be added to it any number of times. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Rbasic_fun Lra Lia.
Require Import Mechlp Maxmin.
Import ListNotations.
Open Scope R_scope.

(** * The checker *)

(** A linear form without its constant. *)
Definition no_constant (x : atom) : atom := match x with Const _ => Const 0 | x => x end.

Section Checker.
  Variables (E : environment) (D : design) (d : nat -> profile -> Q).
  Definition change : (nat -> profile -> Q) * (nat -> profile -> Q) := (fun _ _ => 0%Q, d).
  Definition grows (l : list atom) : Q := at_form E change (map no_constant l).
  Definition keeps (x : requirement) : bool :=
    let s := grows (atoms E D x) in if equality D x then Qeq_bool s 0 else Qle_bool 0 s.
  Definition within_limits : bool := forallb (fun i => forallb (fun theta =>
    match low D i theta with Some _ => Qle_bool 0 (d i theta) | None => true end &&
    match high D i theta with Some _ => Qle_bool (d i theta) 0 | None => true end) (Theta E)) (agents E).
  Definition is_ray : bool := within_limits &&
    match ic D with BayesianIC => lies_fine E change | _ => true end && forallb keeps (requirements E D).

  (** Where types hold several beliefs possible: one belief deters a lie both in the mechanism and in the change. *)
  Variables (B : belief_sets) (A : attitude) (ir : bool).
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).
  Definition truth_kept (i k : nat) : bool :=
    match A with
    | EveryBelief => forallb (fun w => let more := telling E change i k k w in
        forallb (fun r => Qle_bool (telling E change i k r w) more) (types E i)) (B i k)
    | _ =>
        let l := states E B A i k in
        let truth := qleast l (telling_in E m i k k) in let more := qleast l (telling_in E change i k k) in
        forallb (fun r => (r =? k)%nat || existsb (fun s =>
          Qle_bool (telling_in E m i k r s) truth && Qle_bool (telling_in E change i k r s) more) l) (types E i)
    end.
  Definition part_kept (i k : nat) : bool := forallb (fun w => Qle_bool 0 (telling E change i k k w)) (B i k).
  Definition type_keeps (i k : nat) : bool := truth_kept i k && (negb ir || part_kept i k).
  Definition all_keep : bool := forallb (fun i => forallb (type_keeps i) (types E i)) (agents E).
End Checker.

Definition endless E D o m d : bool := passes E D m && (is_ray E D d && negb (Qle_bool (grows E d (goal E o)) 0)).

(** * Soundness *)
Arguments Q2R : simpl never.

Definition moved (M : mechanism) (s : R) (d : nat -> profile -> Q) : mechanism :=
  {| q := q M; t := fun i theta => t M i theta + s * Q2R (d i theta) |}.

Section Soundness.
  Variables (E : environment) (D : design) (d : nat -> profile -> Q) (M : mechanism) (s : R).
  Hypothesis Hs : 0 <= s.
  Let M' := moved M s d.
  Let C := of_tables (change d).

  Lemma payoff_moved i theta r : payoff E M' i theta r = payoff E M i theta r + s * payoff E C i theta r.
  Proof.
    unfold payoff. simpl. rewrite (sum_ext (outcomes E) (fun a => u E i a theta * Q2R 0) (fun _ => 0 * 0))
      by (intros a _; rewrite Q2R_zero; ring). rewrite sum_times. ring.
  Qed.
  Lemma atom_moved x : evA E M' x = evA E M x + s * evA E C (no_constant x).
  Proof.
    destruct x; simpl; [|simpl; ring|simpl; rewrite Q2R_zero; ring|rewrite Q2R_zero; ring].
    rewrite payoff_moved. ring.
  Qed.
  Lemma form_moved l : evL E M' l = evL E M l + s * Q2R (grows E d l).
  Proof.
    unfold grows. rewrite at_form_R. unfold evL. rewrite sum_map, <- sum_times, <- sum_plus.
    apply sum_ext. intros x _. apply atom_moved.
  Qed.
  Lemma interim_moved i k r : interim E M' i k r = interim E M i k r + s * interim E C i k r.
  Proof.
    unfold interim. rewrite (sum_ext _ _ (fun theta => weight E i theta * payoff E M i theta r + s * (weight E i theta * payoff E C i theta r)))
      by (intros th _; rewrite payoff_moved; ring).
    rewrite sum_plus, sum_times. unfold Rdiv. ring.
  Qed.

  Lemma moved_satisfies : satisfies E D M -> is_ray E D d = true -> satisfies E D M'.
  Proof.
    intros HM H. unfold is_ray in H. rewrite !andb_true_iff in H. destruct H as [[Hl Hi] Hr].
    pose proof HM as (H1 & H2 & H3 & H4 & _). apply slacks_satisfy.
    - exact H1.
    - destruct (allocation D); exact H2.
    - intros i theta Hin Ht. specialize (H3 i theta Hin Ht). unfold within_limits in Hl. rewrite forallb_forall in Hl.
      specialize (Hl i Hin). rewrite forallb_forall in Hl. specialize (Hl theta Ht). apply andb_true_iff in Hl as [L1 L2].
      destruct H3 as [T1 T2]. simpl. split.
      + destruct (low D i theta); [|exact I]. apply le_R in L1. rewrite Q2R_zero in L1. pose proof (Rmult_le_pos _ _ Hs L1). lra.
      + destruct (high D i theta); [|exact I]. apply le_R in L2. rewrite Q2R_zero in L2.
        assert (0 <= s * - Q2R (d i theta)) by (apply Rmult_le_pos; lra). lra.
    - intros Hic. rewrite Hic in H4, Hi. apply lies_fine_sound in Hi. intros i k r Hin Hk Hk' Hm.
      specialize (H4 i k r Hin Hk Hk' Hm). specialize (Hi i k r Hin Hk Hk' Hm). fold C in Hi. rewrite !interim_moved.
      assert (0 <= s * (interim E C i k k - interim E C i k r)) by (apply Rmult_le_pos; lra). lra.
    - intros x Hx Ha. rewrite forallb_forall in Hr. specialize (Hr x Hx). unfold keeps in Hr.
      pose proof (slack_holds E D M x HM Ha) as S. rewrite <- (atoms_slack E D M x Ha) in S.
      rewrite <- (atoms_slack E D M' x Ha), form_moved. destruct (equality D x).
      + apply eq_R in Hr. rewrite Q2R_zero in Hr. rewrite S, Hr. ring.
      + apply le_R in Hr. rewrite Q2R_zero in Hr. pose proof (Rmult_le_pos _ _ Hs Hr). lra.
  Qed.
End Soundness.

Lemma interim_of_moved E w M s d i k r : interim (believing E w) (moved M s d) i k r =
  interim (believing E w) M i k r + s * interim (believing E w) (of_tables (change d)) i k r.
Proof. apply interim_moved. Qed.

Lemma least_in {X} (l : list X) f : l <> [] -> exists x, In x l /\ least l f = f x.
Proof.
  induction l as [|x [|y l] IH]; intros H; [congruence|exists x; simpl; auto|].
  destruct IH as (z & H1 & H2); [discriminate|]. change (least (x :: y :: l) f) with (Rmin (f x) (least (y :: l) f)).
  unfold Rmin. destruct (Rle_dec (f x) (least (y :: l) f)); [exists x|exists z]; split; auto; [left|right]; auto.
Qed.
Lemma least_plus {X} (l : list X) f g s : 0 <= s -> l <> [] -> least l f + s * least l g <= least l (fun x => f x + s * g x).
Proof.
  intros Hs H. destruct l as [|x0 l]; [congruence|]. clear H. revert x0. induction l as [|y l IH]; intros x0; [simpl; lra|].
  change (Rmin (f x0) (least (y :: l) f) + s * Rmin (g x0) (least (y :: l) g) <=
    Rmin (f x0 + s * g x0) (least (y :: l) (fun x => f x + s * g x))).
  pose proof (Rmin_l (f x0) (least (y :: l) f)). pose proof (Rmin_r (f x0) (least (y :: l) f)).
  pose proof (Rmult_le_compat_l s _ _ Hs (Rmin_l (g x0) (least (y :: l) g))).
  pose proof (Rmult_le_compat_l s _ _ Hs (Rmin_r (g x0) (least (y :: l) g))).
  apply Rmin_glb; [|eapply Rle_trans; [|apply IH]]; lra.
Qed.

Section Faces.
  Variables (E : environment) (B : belief_sets) (A : attitude) (ir : bool) (d : nat -> profile -> Q).
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).
  Variable s : R.
  Hypothesis Hs : 0 <= s.
  Let M' := moved (of_tables m) s d.

  Lemma worth_in_moved i k r st : worth_in E M' i k r st =
    worth_in E (of_tables m) i k r st + s * worth_in E (of_tables (change d)) i k r st.
  Proof. unfold worth_in, M'. destruct (snd st); rewrite !interim_of_moved; ring. Qed.

  Lemma moved_faces : all_face E B A ir m = true -> all_keep E d B A ir m = true -> faces E B A ir M'.
  Proof.
    intros HF HK. pose proof (all_face_sound E B A ir m HF) as F. unfold all_face in HF. apply andb_true_iff in HF as [HB _].
    apply sets_fine_sound in HB. unfold all_keep in HK. rewrite forallb_forall in HK.
    assert (K : forall i k, In i (agents E) -> In k (types E i) ->
      truth_kept E d B A m i k = true /\ (negb ir || part_kept E d B i k) = true).
    { intros i k Hi Hk. specialize (HK i Hi). rewrite forallb_forall in HK. specialize (HK k Hk). apply andb_true_iff in HK. exact HK. }
    clear HK. split.
    - destruct (match A with EveryBelief => true | _ => false end) eqn:HA.
      + destruct A; try discriminate. destruct F as [F _]. intros i k r w Hi Hk Hr Hw. specialize (F i k r w Hi Hk Hr Hw).
        destruct (K i k Hi Hk) as [Kt _]. unfold truth_kept in Kt. rewrite forallb_forall in Kt. specialize (Kt w Hw).
        cbv zeta in Kt. rewrite forallb_forall in Kt. specialize (Kt r Hr).
        apply le_R in Kt. rewrite !(telling_R E B _ HB) in Kt; auto. unfold M'. rewrite !interim_of_moved.
        pose proof (Rmult_le_compat_l s _ _ Hs Kt). lra.
      + apply faces_compares in F; [|destruct A; auto; discriminate].
        assert (G : compares E B A M').
        { intros i k r Hi Hk Hr. destruct (K i k Hi Hk) as [Kt _]. unfold truth_kept in Kt.
          assert (Kt' : (r =? k)%nat = true \/ exists st, In st (states E B A i k) /\
            worth_in E (of_tables m) i k r st <= least (states E B A i k) (worth_in E (of_tables m) i k k) /\
            worth_in E (of_tables (change d)) i k r st <= least (states E B A i k) (worth_in E (of_tables (change d)) i k k)).
          { destruct A; try discriminate; cbv zeta in Kt; rewrite forallb_forall in Kt; specialize (Kt r Hr);
            (apply orb_true_iff in Kt as [Kt|Kt]; [left; exact Kt|right]); apply existsb_exists in Kt as (st & Hst & Kt); exists st;
            apply andb_true_iff in Kt as [K1 K2]; apply le_R in K1, K2; rewrite (qleast_in_R E B _ _ HB) in K1; auto; rewrite (qleast_in_R E B _ _ HB) in K2; auto;
            rewrite (telling_in_R E B _ _ HB i k r st Hi Hk Hst) in K1;
            rewrite (telling_in_R E B _ _ HB i k r st Hi Hk Hst) in K2; auto. }
          destruct Kt' as [Kt'|(st & Hst & K1 & K2)]; [apply Nat.eqb_eq in Kt'; subst r; apply Rge_refl|].
          pose proof (least_le (states E B A i k) (worth_in E M' i k r) st Hst) as W. rewrite worth_in_moved in W.
          assert (P : least (states E B A i k) (worth_in E (of_tables m) i k k) +
            s * least (states E B A i k) (worth_in E (of_tables (change d)) i k k) <= least (states E B A i k) (worth_in E M' i k k)).
          { eapply Rle_trans; [apply least_plus; [exact Hs|intros Z; rewrite Z in Hst; destruct Hst]|].
            apply Req_le, least_ext. intros x _. symmetry. apply worth_in_moved. }
          pose proof (Rmult_le_compat_l s _ _ Hs K2). lra. }
        apply compares_IC in G. destruct A; auto; discriminate.
    - destruct F as [_ F]. destruct ir; [|exact I]. simpl in K.
      assert (P : forall i k w, In i (agents E) -> In k (types E i) -> In w (B i k) ->
        interim (believing E w) (of_tables m) i k k <= interim (believing E w) M' i k k).
      { intros i k w Hi Hk Hw. destruct (K i k Hi Hk) as [_ Kp]. unfold part_kept in Kp. rewrite forallb_forall in Kp. specialize (Kp w Hw).
        apply le_R in Kp. rewrite Q2R_zero, (telling_R E B _ HB) in Kp; auto. unfold M'. rewrite interim_of_moved.
        pose proof (Rmult_le_pos _ _ Hs Kp). lra. }
      assert (W : match A with WorstBelief => True | _ => bewley_IR E B M' end).
      { destruct A; [exact I| |]; intros i k w Hi Hk Hw; specialize (F i k w Hi Hk Hw); specialize (P i k w Hi Hk Hw); lra. }
      destruct A; auto. intros i k Hi Hk. specialize (F i k Hi Hk). destruct (HB i k Hi Hk) as [Hne _].
      destruct (least_in (B i k) (fun w => interim (believing E w) M' i k k) Hne) as (w & Hw & L). rewrite L.
      pose proof (least_le (B i k) (fun w => interim (believing E w) (of_tables m) i k k) w Hw). specialize (P i k w Hi Hk Hw).
      cbv beta in *. lra.
  Qed.
End Faces.

(** Far enough along the direction is worth what is wanted. *)
Lemma far_enough g v x : 0 < g -> exists s, 0 <= s /\ x <= v + s * g.
Proof.
  intros Hg. destruct (Rle_lt_dec x v).
  - exists 0. split; lra.
  - exists ((x - v) / g). split.
    + apply Rlt_le, Rdiv_lt_0_compat; lra.
    + apply Req_le. field. lra.
Qed.

Lemma along E D o m d (extra : mechanism -> Prop) : endless E D o m d = true ->
  (forall s, 0 <= s -> extra (moved (of_tables m) s d)) ->
  forall x : R, exists M, (satisfies E D M /\ extra M) /\ x <= value E o M.
Proof.
  unfold endless. rewrite !andb_true_iff. intros (H1 & H2 & H3) HX x. apply negb_true_iff, nle_R in H3. rewrite Q2R_zero in H3.
  destruct (far_enough _ (value E o (of_tables m)) x H3) as (s & Hs & Hx).
  exists (moved (of_tables m) s d). split.
  - split; auto. apply moved_satisfies; auto. apply passes_sound, H1.
  - rewrite <- goal_value, form_moved, goal_value. exact Hx.
Qed.

(** ** For the files of answers: what is wanted grows without end, or falls *)
Section Answers.
  Variables (E : environment) (D : design) (o : objective) (asks : mechanism -> Prop) (worth : mechanism -> R).
  Variable extra : mechanism -> Prop.
  Hypothesis same : forall M, asks M <-> satisfies E D M /\ extra M.
  Variables (m : (nat -> profile -> Q) * (nat -> profile -> Q)) (d : nat -> profile -> Q).
  Hypothesis kept : forall s, 0 <= s -> extra (moved (of_tables m) s d).
  Lemma up : (forall M, value E o M = worth M) -> endless E D o m d = true -> forall x : R, exists M, asks M /\ x <= worth M.
  Proof. intros Hw H x. destruct (along E D o m d extra H kept x) as (M & HM & Hx). exists M. rewrite <- Hw. split; auto. apply same, HM. Qed.
  Lemma down : (forall M, value E o M = - worth M) -> endless E D o m d = true -> forall x : R, exists M, asks M /\ worth M <= x.
  Proof.
    intros Hw H x. destruct (along E D o m d extra H kept (- x)) as (M & HM & Hx). exists M. rewrite Hw in Hx.
    split; [apply same, HM|lra].
  Qed.
End Answers.

Section Plain.
  Variables (E : environment) (D : design) (o : objective) (asks : mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall M, asks M <-> satisfies E D M.
  Lemma and_nothing M : asks M <-> satisfies E D M /\ True. Proof. rewrite same. tauto. Qed.
  Lemma grows_always m d : (forall M, value E o M = worth M) -> endless E D o m d = true -> forall x, exists M, asks M /\ x <= worth M.
  Proof. apply (up E D o asks worth (fun _ => True) and_nothing m d). auto. Qed.
  Lemma falls_always m d : (forall M, value E o M = - worth M) -> endless E D o m d = true -> forall x, exists M, asks M /\ worth M <= x.
  Proof. apply (down E D o asks worth (fun _ => True) and_nothing m d). auto. Qed.
End Plain.

Section Certain.
  Variables (E : environment) (D : design) (o : objective) (asks : mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall M, asks M <-> satisfies E D M /\ deterministic E M.
  Lemma still_certain m d s : certain E m = true -> deterministic E (moved (of_tables m) s d).
  Proof. intros H. exact (certain_sound E m H). Qed.
  Lemma certain_grows_always m d : (forall M, value E o M = worth M) -> endless E D o m d && certain E m = true ->
    forall x, exists M, asks M /\ x <= worth M.
  Proof.
    intros Hw H. apply andb_true_iff in H as [H1 H2]. apply (up E D o asks worth _ same m d); auto.
    intros s _. apply still_certain, H2.
  Qed.
  Lemma certain_falls_always m d : (forall M, value E o M = - worth M) -> endless E D o m d && certain E m = true ->
    forall x, exists M, asks M /\ worth M <= x.
  Proof.
    intros Hw H. apply andb_true_iff in H as [H1 H2]. apply (down E D o asks worth _ same m d); auto.
    intros s _. apply still_certain, H2.
  Qed.
End Certain.

Section Believed.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool).
  Variables (o : objective) (asks : mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall M, asks M <-> satisfies E D M /\ faces E B A ir M.
  Definition faces_endless m d : bool := endless E D o m d && (all_face E B A ir m && all_keep E d B A ir m).
  Lemma still_faces m d s : all_face E B A ir m && all_keep E d B A ir m = true -> 0 <= s -> faces E B A ir (moved (of_tables m) s d).
  Proof. intros H Hs. apply andb_true_iff in H as [H1 H2]. apply moved_faces; auto. Qed.
  Lemma faces_grows_always m d : (forall M, value E o M = worth M) -> faces_endless m d = true -> forall x, exists M, asks M /\ x <= worth M.
  Proof.
    unfold faces_endless. intros Hw H. apply andb_true_iff in H as [H1 H2]. apply (up E D o asks worth _ same m d); auto.
    intros s Hs. apply still_faces; auto.
  Qed.
  Lemma faces_falls_always m d : (forall M, value E o M = - worth M) -> faces_endless m d = true ->
    forall x, exists M, asks M /\ worth M <= x.
  Proof.
    unfold faces_endless. intros Hw H. apply andb_true_iff in H as [H1 H2]. apply (down E D o asks worth _ same m d); auto.
    intros s Hs. apply still_faces; auto.
  Qed.
End Believed.
