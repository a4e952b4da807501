(** Types that hold several beliefs possible and compare worst cases (Gilboa and Schmeidler 1989; Wolitzky 2015), or that want every
    comparison to hold under every belief (Bewley 1986).  A set of beliefs is given by finitely many of them: a worst case over these
    is one over all their mixtures ([mixtures]). *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Rbasic_fun Lra Lia.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

(** * Definitions *)

(** The beliefs that type k of agent i holds possible, as weights. *)
Definition belief_sets := nat -> nat -> list (profile -> Q).

(** The environment with one belief in the place of the agents' own. *)
Definition believing (E : environment) (w : profile -> Q) : environment :=
  {| sizes := sizes E; num_outcomes := num_outcomes E; u := u E; weight := fun _ => w; prior := prior E; outside := outside E |}.

Fixpoint least {X} (l : list X) (f : X -> R) : R :=
  match l with [] => 0 | [x] => f x | x :: rest => Rmin (f x) (least rest f) end.

Section Definitions.
  Variables (E : environment) (B : belief_sets).

  (** There is a belief, and each is a distribution over what the type may face. *)
  Definition sets_of_beliefs : Prop := forall i k, In i (agents E) -> In k (types E i) -> B i k <> [] /\
    forall w, In w (B i k) -> (forall theta, In theta (Theta E) -> (0 <= w theta)%Q) /\ (mass (believing E w) i k == 1)%Q.

  Variable M : mechanism.
  Definition maxmin_IC : Prop := forall i k r, In i (agents E) -> In k (types E i) -> In r (types E i) ->
    least (B i k) (fun w => interim (believing E w) M i k k) >= least (B i k) (fun w => interim (believing E w) M i k r).
  Definition maxmin_IR : Prop := forall i k, In i (agents E) -> In k (types E i) ->
    least (B i k) (fun w => interim (believing E w) M i k k) >= least (B i k) (fun w => interim_outside (believing E w) i k).
  Definition bewley_IC : Prop := forall i k r w, In i (agents E) -> In k (types E i) -> In r (types E i) -> In w (B i k) ->
    interim (believing E w) M i k k >= interim (believing E w) M i k r.
  Definition bewley_IR : Prop := forall i k w, In i (agents E) -> In k (types E i) -> In w (B i k) ->
    interim (believing E w) M i k k >= interim_outside (believing E w) i k.
End Definitions.

Inductive attitude := WorstBelief | EveryBelief.
Definition faces (E : environment) (B : belief_sets) (A : attitude) (ir : bool) (M : mechanism) : Prop :=
  match A with WorstBelief => maxmin_IC E B M | EveryBelief => bewley_IC E B M end /\
  (if ir then match A with WorstBelief => maxmin_IR E B M | EveryBelief => bewley_IR E B M end else True).

(** * The checker *)

Fixpoint qleast {X} (l : list X) (f : X -> Q) : Q :=
  match l with [] => 0%Q | [x] => f x | x :: rest => let w := qleast rest f in if Qle_bool (f x) w then f x else w end.

Section Checker.
  Variables (E : environment) (B : belief_sets) (A : attitude) (ir : bool).
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).

  Definition telling (i k r : nat) (w : profile -> Q) : Q :=
    qtotal (cells E i k) (fun theta => at_atom E m (Pay (w theta) i theta r)).
  Definition staying (i k : nat) (w : profile -> Q) : Q := qtotal (cells E i k) (fun theta => qmul (w theta) (outside E i theta)).
  Definition sets_fine : bool := forallb (fun i => forallb (fun k => negb (length (B i k) =? 0)%nat &&
    forallb (fun w => forallb (fun theta => Qle_bool 0 (w theta)) (Theta E) && Qeq_bool (qtotal (cells E i k) w) 1) (B i k))
    (types E i)) (agents E).
  Definition type_faces (i k : nat) : bool :=
    match A with
    | WorstBelief =>
        let truth := qleast (B i k) (telling i k k) in
        forallb (fun r => Qle_bool (qleast (B i k) (telling i k r)) truth) (types E i) &&
        (negb ir || Qle_bool (qleast (B i k) (staying i k)) truth)
    | EveryBelief =>
        forallb (fun w => let truth := telling i k k w in
          forallb (fun r => Qle_bool (telling i k r w) truth) (types E i) && (negb ir || Qle_bool (staying i k w) truth)) (B i k)
    end.
  Definition all_face : bool := sets_fine && forallb (fun i => forallb (type_faces i) (types E i)) (agents E).
End Checker.

(** * Soundness *)
Arguments Q2R : simpl never.

Lemma least_ext {X} (l : list X) f g : (forall x, In x l -> f x = g x) -> least l f = least l g.
Proof.
  induction l as [|x [|y l] IH]; intros H; [reflexivity|apply H; left; auto|].
  change (Rmin (f x) (least (y :: l) f) = Rmin (g x) (least (y :: l) g)).
  rewrite H, IH; auto; [|left; auto]. intros z Hz. apply H. right. exact Hz.
Qed.
Lemma qleast_R {X} (l : list X) f : Q2R (qleast l f) = least l (fun x => Q2R (f x)).
Proof.
  induction l as [|x [|y l] IH]; [apply Q2R_zero|reflexivity|].
  change (Q2R (let w := qleast (y :: l) f in if Qle_bool (f x) w then f x else w) =
          Rmin (Q2R (f x)) (least (y :: l) (fun x => Q2R (f x)))).
  rewrite <- IH. cbv zeta. destruct (Qle_bool (f x) (qleast (y :: l) f)) eqn:H.
  - apply le_R in H. rewrite Rmin_left; auto.
  - apply nle_R in H. rewrite Rmin_right; auto. lra.
Qed.
Lemma least_le {X} (l : list X) f x : In x l -> least l f <= f x.
Proof.
  induction l as [|y l IH]; [intros []|]. intros [->|H].
  - destruct l; simpl; [lra|apply Rmin_l].
  - destruct l as [|z l]; [destruct H|]. apply Rle_trans with (least (z :: l) f); [apply Rmin_r|auto].
Qed.

(** A mixture of beliefs is worth at least the worst of them: finitely many beliefs stand for all their mixtures. *)
Theorem mixtures {X} (l : list X) (f share : X -> R) : (forall x, In x l -> 0 <= share x) -> sum l share = 1 ->
  least l f <= sum l (fun x => share x * f x).
Proof.
  intros Hp Hs. rewrite <- (Rmult_1_l (least l f)), <- Hs, Rmult_comm, <- sum_times.
  apply sum_le. intros x Hx. rewrite Rmult_comm. apply Rmult_le_compat_l; [auto|apply least_le, Hx].
Qed.

Section Soundness.
  Variables (E : environment) (B : belief_sets) (A : attitude) (ir : bool).
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).
  Hypothesis HB : sets_of_beliefs E B.

  Lemma sure w i k : In i (agents E) -> In k (types E i) -> In w (B i k) ->
    (0 < mass (believing E w) i k)%Q /\ Q2R (mass (believing E w) i k) = 1.
  Proof.
    intros Hi Hk Hw. destruct (HB i k Hi Hk) as [_ H]. destruct (H w Hw) as [_ H1]. split.
    - rewrite H1. reflexivity.
    - rewrite (Qeq_eqR _ _ H1). apply Q2R_one.
  Qed.
  Lemma telling_R i k r w : In i (agents E) -> In k (types E i) -> In w (B i k) ->
    Q2R (telling E m i k r w) = interim (believing E w) (of_tables m) i k r.
  Proof.
    intros Hi Hk Hw. destruct (sure w i k Hi Hk Hw) as [H1 H2]. unfold telling. rewrite qtotal_R.
    rewrite <- (Rmult_1_l (interim _ _ _ _ _)), <- H2 at 1. unfold interim.
    rewrite (average (believing E w)); auto. apply sum_ext. intros th _. rewrite at_atom_R. reflexivity.
  Qed.
  Lemma staying_R i k w : In i (agents E) -> In k (types E i) -> In w (B i k) ->
    Q2R (staying E i k w) = interim_outside (believing E w) i k.
  Proof.
    intros Hi Hk Hw. destruct (sure w i k Hi Hk Hw) as [H1 H2]. unfold staying. rewrite qtotal_R.
    rewrite <- (Rmult_1_l (interim_outside _ _ _)), <- H2 at 1. unfold interim_outside.
    rewrite (average (believing E w)); auto. apply sum_ext. intros th _. rewrite qmul_R. reflexivity.
  Qed.
End Soundness.

Theorem sets_fine_sound E B : sets_fine E B = true -> sets_of_beliefs E B.
Proof.
  unfold sets_fine. rewrite forallb_forall. intros H i k Hi Hk. specialize (H i Hi). rewrite forallb_forall in H.
  specialize (H k Hk). apply andb_true_iff in H as [H1 H2]. split.
  - intros H0. rewrite H0 in H1. discriminate.
  - intros w Hw. rewrite forallb_forall in H2. specialize (H2 w Hw). apply andb_true_iff in H2 as [H2 H3].
    rewrite forallb_forall in H2. split.
    + intros th Ht. apply Qle_bool_iff, H2, Ht.
    + apply Qeq_bool_iff in H3. rewrite <- (total_mass (believing E w) i k Hi Hk). exact H3.
Qed.

Theorem all_face_sound E B A ir m : all_face E B A ir m = true -> faces E B A ir (of_tables m).
Proof.
  unfold all_face. intros H. apply andb_true_iff in H as [H0 H]. apply sets_fine_sound in H0.
  rewrite forallb_forall in H.
  assert (T : forall i k, In i (agents E) -> In k (types E i) -> type_faces E B A ir m i k = true).
  { intros i k Hi Hk. specialize (H i Hi). rewrite forallb_forall in H. auto. }
  clear H. unfold faces, type_faces in *. destruct A.
  - assert (L : forall i k r, In i (agents E) -> In k (types E i) ->
      Q2R (qleast (B i k) (telling E m i k r)) = least (B i k) (fun w => interim (believing E w) (of_tables m) i k r)).
    { intros i k r Hi Hk. rewrite qleast_R. apply least_ext. intros w Hw. apply (telling_R E B m H0); auto. }
    assert (S : forall i k, In i (agents E) -> In k (types E i) ->
      Q2R (qleast (B i k) (staying E i k)) = least (B i k) (fun w => interim_outside (believing E w) i k)).
    { intros i k Hi Hk. rewrite qleast_R. apply least_ext. intros w Hw. apply (staying_R E B H0); auto. }
    split.
    + intros i k r Hi Hk Hr. specialize (T i k Hi Hk). apply andb_true_iff in T as [T _].
      rewrite forallb_forall in T. specialize (T r Hr). apply le_R in T. rewrite !L in T; auto. lra.
    + destruct ir; [|exact I]. intros i k Hi Hk. specialize (T i k Hi Hk). apply andb_true_iff in T as [_ T].
      simpl in T. apply le_R in T. rewrite L, S in T; auto. lra.
  - split.
    + intros i k r w Hi Hk Hr Hw. specialize (T i k Hi Hk). rewrite forallb_forall in T. specialize (T w Hw).
      apply andb_true_iff in T as [T _]. rewrite forallb_forall in T. specialize (T r Hr). apply le_R in T.
      rewrite !(telling_R E B m H0) in T; auto. lra.
    + destruct ir; [|exact I]. intros i k w Hi Hk Hw. specialize (T i k Hi Hk). rewrite forallb_forall in T. specialize (T w Hw).
      apply andb_true_iff in T as [_ T]. simpl in T. apply le_R in T.
      rewrite (telling_R E B m H0), (staying_R E B H0) in T; auto. lra.
Qed.

(** ** For the files of answers *)
Section Answers.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool).
  Variables (o : objective) (asks : mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall M, asks M <-> satisfies E D M /\ faces E B A ir M.

  Lemma one_faces m : passes E D m && all_face E B A ir m = true -> exists M, asks M.
  Proof.
    intros H. apply andb_true_iff in H as [H1 H2]. exists (of_tables m). apply same. split.
    - apply passes_sound, H1.
    - apply all_face_sound, H2.
  Qed.
  Lemma faces_reached v m x : (forall M, value E o M = worth M) -> Q2R v = x ->
    attains E D m o v && all_face E B A ir m = true -> exists M, asks M /\ worth M = x.
  Proof.
    intros Hw Hv H. apply andb_true_iff in H as [H1 H2]. unfold attains in H1. apply andb_true_iff in H1 as [H1 H3].
    exists (of_tables m). split.
    - apply same. split; [apply passes_sound, H1|apply all_face_sound, H2].
    - rewrite <- Hw, <- goal_value, <- at_form_R, <- Hv. apply eq_R, H3.
  Qed.
End Answers.

Ltac same_beliefs asks question :=
  intros M; cbv beta iota delta [asks faces satisfies question ic ir bb allocation low high own];
  pose proof transfers_free; pose proof no_rows; intuition auto.
