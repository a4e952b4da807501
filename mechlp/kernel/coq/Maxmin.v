(** Types that hold several beliefs possible and compare worst cases (Gilboa and Schmeidler 1989; Wolitzky 2015) or greatest regrets
    (Savage 1951), or that want every comparison to hold under every belief (Bewley 1986).  A set of beliefs is given by finitely many of them: a worst case over these
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

Fixpoint greatest {X} (l : list X) (f : X -> R) : R :=
  match l with [] => 0 | [x] => f x | x :: rest => Rmax (f x) (greatest rest f) end.

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
  (** What, under some belief that is held possible, some report would have paid more than [r]. *)
  Definition regret (i k r : nat) : R := greatest (list_prod (B i k) (types E i)) (fun ws => let (w, s) := ws in
    interim (believing E w) M i k s - interim (believing E w) M i k r).
  Definition regret_IC : Prop := forall i k r, In i (agents E) -> In k (types E i) -> In r (types E i) ->
    regret i k k <= regret i k r.
End Definitions.

Inductive attitude := WorstBelief | EveryBelief | GreatestRegret.
Definition faces (E : environment) (B : belief_sets) (A : attitude) (ir : bool) (M : mechanism) : Prop :=
  match A with
  | WorstBelief => maxmin_IC E B M | EveryBelief => bewley_IC E B M | GreatestRegret => regret_IC E B M
  end /\
  (if ir then match A with WorstBelief => maxmin_IR E B M | _ => bewley_IR E B M end else True).

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
  (** What a type compares: payoffs under a belief, or what a report pays more there than another one. *)
  Definition state := ((profile -> Q) * option nat)%type.
  Definition states (i k : nat) : list state :=
    match A with
    | GreatestRegret => map (fun ws => (fst ws, Some (snd ws))) (list_prod (B i k) (types E i))
    | _ => map (fun w => (w, None)) (B i k)
    end.
  Definition telling_in (i k r : nat) (s : state) : Q :=
    match snd s with
    | None => telling i k r (fst s)
    | Some r' => qadd (telling i k r (fst s)) (Qopp (telling i k r' (fst s)))
    end.
  Definition truth_best (i k : nat) : bool :=
    match A with
    | EveryBelief => forallb (fun w => let truth := telling i k k w in
        forallb (fun r => Qle_bool (telling i k r w) truth) (types E i)) (B i k)
    | _ => let truth := qleast (states i k) (telling_in i k k) in
        forallb (fun r => Qle_bool (qleast (states i k) (telling_in i k r)) truth) (types E i)
    end.
  Definition takes_part (i k : nat) : bool :=
    match A with
    | WorstBelief => Qle_bool (qleast (B i k) (staying i k)) (qleast (B i k) (telling i k k))
    | _ => forallb (fun w => Qle_bool (staying i k w) (telling i k k w)) (B i k)
    end.
  Definition type_faces (i k : nat) : bool := truth_best i k && (negb ir || takes_part i k).
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

Lemma least_map {X Y} (h : X -> Y) f l : least (map h l) f = least l (fun x => f (h x)).
Proof.
  induction l as [|x [|y l] IH]; [reflexivity|reflexivity|].
  change (Rmin (f (h x)) (least (map h (y :: l)) f) = Rmin (f (h x)) (least (y :: l) (fun x => f (h x)))). rewrite IH. reflexivity.
Qed.
Lemma greatest_least {X} (l : list X) f : greatest l f = - least l (fun x => - f x).
Proof.
  induction l as [|x [|y l] IH]; [simpl; lra|simpl; lra|].
  change (Rmax (f x) (greatest (y :: l) f) = - Rmin (- f x) (least (y :: l) (fun x => - f x))).
  rewrite IH, Ropp_Rmin, !Ropp_involutive. reflexivity.
Qed.

(** Worst cases of payoffs, or of what a report pays more than another one: a greatest regret is a least such difference. *)
Definition worth_in E M (i k r : nat) (s : state) : R :=
  interim (believing E (fst s)) M i k r - match snd s with Some r' => interim (believing E (fst s)) M i k r' | None => 0 end.
Definition compares E B A M : Prop := forall i k r, In i (agents E) -> In k (types E i) -> In r (types E i) ->
  least (states E B A i k) (worth_in E M i k k) >= least (states E B A i k) (worth_in E M i k r).
Lemma plain_least E B A M i k r : match A with GreatestRegret => False | _ => True end ->
  least (states E B A i k) (worth_in E M i k r) = least (B i k) (fun w => interim (believing E w) M i k r).
Proof.
  intros H. unfold states. destruct A; [| |contradiction]; rewrite least_map; apply least_ext; intros w _; unfold worth_in; simpl; lra.
Qed.
Lemma regret_least E B M i k r : least (states E B GreatestRegret i k) (worth_in E M i k r) = - regret E B M i k r.
Proof.
  unfold states, regret. rewrite least_map, greatest_least, Ropp_involutive. apply least_ext. intros [w s] _. unfold worth_in. simpl. lra.
Qed.
Lemma faces_compares E B A ir M : match A with EveryBelief => False | _ => True end -> faces E B A ir M -> compares E B A M.
Proof.
  intros HA [H _] i k r Hi Hk Hr. destruct A; [|contradiction|]; specialize (H i k r Hi Hk Hr).
  - rewrite !plain_least by exact I. exact H.
  - rewrite !regret_least. lra.
Qed.
Lemma compares_IC E B A M : compares E B A M ->
  match A with WorstBelief => maxmin_IC E B M | EveryBelief => True | GreatestRegret => regret_IC E B M end.
Proof.
  intros H. destruct A; [|exact I|]; intros i k r Hi Hk Hr; specialize (H i k r Hi Hk Hr).
  - rewrite !plain_least in H by exact I. exact H.
  - rewrite !regret_least in H. lra.
Qed.
Lemma in_states E B A i k s : In s (states E B A i k) -> In (fst s) (B i k) /\
  match snd s with Some r => A = GreatestRegret /\ In r (types E i) | None => True end.
Proof.
  unfold states. destruct A; rewrite in_map_iff; intros (x & <- & H); simpl; auto. destruct x. apply in_prod_iff in H. simpl. tauto.
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
  Lemma telling_in_R i k r s : In i (agents E) -> In k (types E i) -> In s (states E B A i k) ->
    Q2R (telling_in E m i k r s) = worth_in E (of_tables m) i k r s.
  Proof.
    intros Hi Hk Hs. apply in_states in Hs as [Hw _]. unfold telling_in, worth_in. destruct (snd s).
    - rewrite qadd_R, Q2R_opp, !telling_R; auto; lra.
    - rewrite telling_R; auto; lra.
  Qed.
  Lemma qleast_in_R i k r : In i (agents E) -> In k (types E i) ->
    Q2R (qleast (states E B A i k) (telling_in E m i k r)) = least (states E B A i k) (worth_in E (of_tables m) i k r).
  Proof. intros Hi Hk. rewrite qleast_R. apply least_ext. intros s Hs. apply telling_in_R; auto. Qed.
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
  assert (T : forall i k, In i (agents E) -> In k (types E i) -> truth_best E B A m i k = true /\ (negb ir || takes_part E B A m i k) = true).
  { intros i k Hi Hk. specialize (H i Hi). rewrite forallb_forall in H. specialize (H k Hk). apply andb_true_iff in H. exact H. }
  clear H. split.
  - destruct (match A with EveryBelief => true | _ => false end) eqn:HA.
    + destruct A; try discriminate. intros i k r w Hi Hk Hr Hw. destruct (T i k Hi Hk) as [K _]. unfold truth_best in K.
      rewrite forallb_forall in K. specialize (K w Hw). cbv zeta in K. rewrite forallb_forall in K. specialize (K r Hr).
      apply le_R in K. rewrite !(telling_R E B m H0) in K; auto. lra.
    + assert (G : compares E B A (of_tables m)).
      { intros i k r Hi Hk Hr. destruct (T i k Hi Hk) as [K _]. unfold truth_best in K.
        destruct A; try discriminate; rewrite forallb_forall in K; specialize (K r Hr); apply le_R in K;
        rewrite !(qleast_in_R E B _ m H0) in K; auto; lra. }
      apply compares_IC in G. destruct A; auto; discriminate.
  - destruct ir; [|exact I]. simpl in T. unfold takes_part in T.
    assert (W : match A with WorstBelief => True | _ => bewley_IR E B (of_tables m) end).
    { destruct A; [exact I| |]; intros i k w Hi Hk Hw; destruct (T i k Hi Hk) as [_ K]; rewrite forallb_forall in K;
      specialize (K w Hw); apply le_R in K; rewrite (telling_R E B m H0), (staying_R E B H0) in K; auto; lra. }
    destruct A; auto. intros i k Hi Hk. destruct (T i k Hi Hk) as [_ K]. apply le_R in K. rewrite !qleast_R in K.
    rewrite (least_ext _ (fun w => Q2R (telling E m i k k w)) (fun w => interim (believing E w) (of_tables m) i k k)) in K
      by (intros w Hw; apply (telling_R E B m H0); auto).
    rewrite (least_ext _ (fun w => Q2R (staying E i k w)) (fun w => interim_outside (believing E w) i k)) in K
      by (intros w Hw; apply (staying_R E B H0); auto). lra.
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
