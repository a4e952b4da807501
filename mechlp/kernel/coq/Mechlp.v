(** What files of answers use: deterministic mechanisms by cases, data that are an environment, statements of answers. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
Require Export Mechanisms.
Import ListNotations.
Open Scope R_scope.

(** ** Deterministic mechanisms: cases of the outcome that is used at a profile *)
Fixpoint same_profile (x y : profile) : bool :=
  match x, y with [], [] => true | k :: x', l :: y' => (k =? l)%nat && same_profile x' y' | _, _ => false end.
Lemma same_profile_eq x y : same_profile x y = true <-> x = y.
Proof.
  revert y. induction x as [|k x IH]; intros [|l y]; simpl; split; intros H; try discriminate; auto.
  - apply andb_true_iff in H as [H1 H2]. apply Nat.eqb_eq in H1. apply IH in H2. congruence.
  - inversion H; subst. rewrite Nat.eqb_refl. simpl. apply IH. reflexivity.
Qed.

Definition narrowed (b : nat) (at_ : profile) (used : bool) (ok : nat -> profile -> bool) (a : nat) (theta : profile) : bool :=
  ok a theta && (negb (same_profile at_ theta) || eqb used (a =? b)%nat).
Definition with_allowed (D : design) (ok : nat -> profile -> bool) : design :=
  {| ic := ic D; ir := ir D; bb := bb D; allocation := Within ok; low := low D; high := high D;
     own := own D |}.

(** A leaf holds what [X] is; the checker of leaves says whether it proves the claim for an allowed set of outcomes. *)
Inductive cases (X : Type) := Leaf (x : X) | Impossible (theta : profile) | Split (a : nat) (theta : profile) (yes no : cases X).
Arguments Leaf {X}. Arguments Impossible {X}. Arguments Split {X}.

Fixpoint every_case {X} (E : environment) (leaf : (nat -> profile -> bool) -> X -> bool) (ok : nat -> profile -> bool)
  (T : cases X) : bool :=
  match T with
  | Leaf x => leaf ok x
  | Impossible theta => valid (sizes E) theta && forallb (fun a => negb (ok a theta)) (outcomes E)
  | Split a theta yes no => valid (sizes E) theta && (a <? num_outcomes E)%nat &&
      every_case E leaf (narrowed a theta true ok) yes && every_case E leaf (narrowed a theta false ok) no
  end.

Lemma sum_one {X} (f : X -> R) l a : NoDup l -> (forall x, In x l -> 0 <= f x) -> In a l -> f a = 1 -> sum l f = 1 ->
  forall b, In b l -> 0 < f b -> b = a.
Proof.
  intros Hn Hp Ha H1 Hs b Hb Hpos.
  assert (P : forall l, (forall x, In x l -> 0 <= f x) -> 0 <= sum l f).
  { induction l0 as [|x l0 IH]; simpl; intros H; [lra|]. pose proof (H x (or_introl eq_refl)).
    assert (0 <= sum l0 f) by (apply IH; auto). lra. }
  apply in_split in Ha as (l1 & l2 & ->). rewrite sum_app in Hs. simpl in Hs. rewrite H1 in Hs.
  assert (P1 : 0 <= sum l1 f) by (apply P; intros; apply Hp, in_or_app; auto).
  assert (P2 : 0 <= sum l2 f) by (apply P; intros; apply Hp, in_or_app; simpl; auto).
  assert (Z : forall l, (forall x, In x l -> 0 <= f x) -> sum l f <= 0 -> In b l -> f b <= 0).
  { induction l as [|x l IH]; simpl; intros H Hle Hin; [tauto|].
    pose proof (H x (or_introl eq_refl)). assert (0 <= sum l f) by (apply P; auto).
    destruct Hin as [->|Hin]; [lra|]. apply IH; auto. lra. }
  apply in_app_or in Hb as [Hb|[Hb|Hb]]; auto; exfalso.
  - assert (f b <= 0) by (apply (Z l1); auto; [intros; apply Hp, in_or_app; auto|lra]). lra.
  - assert (f b <= 0) by (apply (Z l2); auto; [intros; apply Hp, in_or_app; simpl; auto|lra]). lra.
Qed.

Section Cases.
  Context {X : Type}.
  Variables (E : environment) (D : design) (M : mechanism).
  Variable leaf : (nat -> profile -> bool) -> X -> bool.
  Variable claim : Prop.
  Hypothesis leaf_proves : forall ok x, leaf ok x = true -> satisfies E (with_allowed D ok) M -> claim.
  Hypothesis HD : deterministic E M.

  Lemma every_case_sound : forall T ok, every_case E leaf ok T = true -> satisfies E (with_allowed D ok) M -> claim.
  Proof.
    induction T as [x|theta|a theta yes IHy no IHn]; simpl; intros ok H HM.
    - eapply leaf_proves; eauto.
    - apply andb_true_iff in H as [H1 H2]. apply valid_grid in H1. rewrite forallb_forall in H2. exfalso.
      destruct (HD theta H1) as (a & Ha & Hq). destruct HM as (_ & Hok & _). specialize (H2 a Ha).
      simpl in Hok. rewrite (Hok theta a H1 Ha) in H2; [discriminate|lra].
    - rewrite !andb_true_iff in H. destruct H as [[[H1 H2] H3] H4]. apply valid_grid in H1.
      destruct HM as (HL & Hok & Hrest). simpl in Hok, Hrest.
      destruct (HD theta H1) as (b & Hb & Hq).
      assert (only : forall c, In c (outcomes E) -> 0 < q M c theta -> c = b).
      { intros c Hc Hpos. destruct (HL theta H1) as [L1 L2].
        apply (sum_one (fun a => q M a theta) (outcomes E)); auto. apply seq_NoDup. }
      destruct (Nat.eqb_spec b a) as [->|Hne].
      + apply (IHy _ H3). refine (conj HL (conj _ Hrest)). intros th c Ht Hc Hpos. unfold narrowed.
        rewrite (Hok th c Ht Hc Hpos). simpl. destruct (same_profile theta th) eqn:Hs; [|reflexivity].
        apply same_profile_eq in Hs. subst th. rewrite (only c Hc Hpos), Nat.eqb_refl. reflexivity.
      + apply (IHn _ H4). refine (conj HL (conj _ Hrest)). intros th c Ht Hc Hpos. unfold narrowed.
        rewrite (Hok th c Ht Hc Hpos). simpl. destruct (same_profile theta th) eqn:Hs; [|reflexivity].
        apply same_profile_eq in Hs. subst th. rewrite (only c Hc Hpos).
        destruct (Nat.eqb_spec b a); [contradiction|reflexivity].
  Qed.
End Cases.

Definition everything (a : nat) (theta : profile) : bool := true.
Lemma satisfies_everything E D M : allocation D = Chosen -> satisfies E D M -> satisfies E (with_allowed D everything) M.
Proof.
  intros H (H1 & _ & H2). refine (conj H1 (conj _ H2)). intros th a _ _ _. reflexivity.
Qed.

(** Tables of zeros and ones, one of each kind a profile. *)
Definition certain (E : environment) (m : (nat -> profile -> Q) * (nat -> profile -> Q)) : bool :=
  forallb (fun theta => existsb (fun a => Qeq_bool (fst m a theta) 1) (outcomes E)) (Theta E).
Lemma certain_sound E m : certain E m = true -> deterministic E (of_tables m).
Proof.
  unfold certain. rewrite forallb_forall. intros H theta Ht. specialize (H theta Ht).
  apply existsb_exists in H as (a & Ha & H). exists a. split; auto. apply eq_R in H. rewrite Q2R_one in H. exact H.
Qed.

(** ** Data *)
Definition beliefs_fine (E : environment) : bool :=
  forallb (fun i => forallb (fun theta => Qle_bool 0 (weight E i theta)) (Theta E)) (agents E).
Definition distribution_fine (E : environment) (p : profile -> Q) : bool :=
  forallb (fun theta => Qle_bool 0 (p theta)) (Theta E) && Qeq_bool (qtotal (Theta E) p) 1.
Lemma beliefs_are E : beliefs_fine E = true -> are_beliefs E.
Proof.
  unfold beliefs_fine. rewrite forallb_forall. intros H i theta Hi Ht. specialize (H i Hi). rewrite forallb_forall in H.
  apply Qle_bool_iff, H, Ht.
Qed.
Lemma distribution_is E p : distribution_fine E p = true -> is_distribution E p.
Proof.
  unfold distribution_fine. intros H. apply andb_true_iff in H as [H1 H2]. rewrite forallb_forall in H1. split.
  - intros theta Ht. apply Qle_bool_iff, H1, Ht.
  - apply Qeq_bool_iff in H2. rewrite <- qtotal_eq. exact H2.
Qed.
Lemma sane E p : beliefs_fine E && distribution_fine E p = true -> are_beliefs E /\ is_distribution E p.
Proof. intros H. apply andb_true_iff in H as [H1 H2]. split; [apply beliefs_are, H1 | apply distribution_is, H2]. Qed.

(** ** For the files of answers *)
(** Numbers of certificates and of tables of mechanisms, by their decimal digits: Coq reads those in less time. *)
Definition decimal (x : Number.int) : option Decimal.int := match x with Number.IntDecimal d => Some d | _ => None end.
Declare Scope digits_scope.
Delimit Scope digits_scope with digits.
Number Notation Decimal.int decimal Number.IntDecimal : digits_scope.
Definition ratio (a b : Decimal.int) : Q := Qmake (Z.of_int a) (Z.to_pos (Z.of_int b)).
Definition natural (a : Decimal.int) : nat := Z.to_nat (Z.of_int a).
Definition ic_row (i k r : Decimal.int) : requirement := IC (natural i) (natural k) (natural r).
Definition ir_row (i k : Decimal.int) : requirement := IR (natural i) (natural k).
Definition all_zero : table := Val 0.
Definition all_one : table := Val 1.
Arguments ratio (a b)%digits_scope.
Arguments ic_row (i k r)%digits_scope.
Arguments ir_row (i k)%digits_scope.

Definition unlimited (i : nat) (theta : profile) : option Q := None.
Lemma transfers_free E M : transfers_within E M unlimited unlimited.
Proof. intros i theta _ _. split; exact I. Qed.
Lemma no_rows M : linear_rows M [].
Proof. intros x []. Qed.

(** [asks M <-> satisfies E question M], where [asks] names only what is asked. *)
Ltac same_question asks question :=
  intros M; cbv beta iota delta [asks satisfies question ic ir bb allocation low high own];
  pose proof transfers_free; pose proof no_rows; intuition auto.

Ltac checked := vm_cast_no_check (eq_refl true).

Lemma refuted E D c (asks : mechanism -> Prop) : (forall M, asks M <-> satisfies E D M) ->
  refutes E D c = true -> ~ exists M, asks M.
Proof. intros H Hc [M HM]. apply (refutation E D c Hc). exists M. apply H, HM. Qed.

Lemma exists_such E D m (asks : mechanism -> Prop) : (forall M, asks M <-> satisfies E D M) ->
  passes E D m = true -> exists M, asks M.
Proof. intros H Hc. destruct (feasible E D m Hc) as [M HM]. exists M. apply H, HM. Qed.

Lemma optimal E D o v m c (asks : mechanism -> Prop) (worth : mechanism -> R) (x : R) :
  (forall M, asks M <-> satisfies E D M) -> (forall M, value E o M = worth M) -> Q2R v = x ->
  attains E D m o v && bounds E D o v c = true ->
  (exists M, asks M /\ worth M = x) /\ forall M, asks M -> worth M <= x.
Proof.
  intros H Hw Hv Hc. destruct (optimum E D o v m c Hc) as [(M & H1 & H2) H3]. split.
  - exists M. rewrite <- Hw, <- Hv. split; auto. apply H, H1.
  - intros M' HM'. rewrite <- Hw, <- Hv. apply H3, H, HM'.
Qed.

(** Leaves of cases of deterministic mechanisms. *)
Inductive leaf_proof := Refutes (c : certificate) | Bounds (c : certificate).
Definition leaf_fine E D o v (ok : nat -> profile -> bool) (x : leaf_proof) : bool :=
  match x with Refutes c => refutes E (with_allowed D ok) c | Bounds c => bounds E (with_allowed D ok) o v c end.
Definition leaf_refutes E D (ok : nat -> profile -> bool) (c : certificate) : bool := refutes E (with_allowed D ok) c.

(** An objective as it is named in a file, [worth], is one of the library's. *)
Section Answers.
  Variables (E : environment) (D : design) (o : objective).
  Variables (asks : mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall M, asks M <-> satisfies E D M.

  Lemma at_most v c x : (forall M, value E o M = worth M) -> Q2R v = x -> bounds E D o v c = true ->
    forall M, asks M -> worth M <= x.
  Proof. intros Hw Hv H M HM. rewrite <- Hw, <- Hv. apply (bound E D o v c H), same, HM. Qed.
  Lemma at_least v c x : (forall M, value E o M = - worth M) -> Q2R v = - x -> bounds E D o v c = true ->
    forall M, asks M -> x <= worth M.
  Proof.
    intros Hw Hv H M HM. apply same in HM. pose proof (bound E D o v c H M HM) as G. rewrite Hw, Hv in G. lra.
  Qed.
  Lemma reached v m x : (forall M, value E o M = worth M) -> Q2R v = x -> attains E D m o v = true ->
    exists M, asks M /\ worth M = x.
  Proof.
    intros Hw Hv H. destruct (attained E D o v m H) as (M & H1 & H2). exists M. rewrite <- Hw, <- Hv. split; auto.
    apply same, H1.
  Qed.
End Answers.

Section Deterministic.
  Variables (E : environment) (D : design) (o : objective).
  Variables (asks : mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall M, asks M <-> satisfies E D M /\ deterministic E M.
  Hypothesis chosen : allocation D = Chosen.

  Lemma none_by_cases T : every_case E (leaf_refutes E D) everything T = true -> ~ exists M, asks M.
  Proof.
    intros H [M HM]. apply same in HM as [HS HD].
    apply (every_case_sound E D M (leaf_refutes E D) False) with (T := T) (ok := everything); auto.
    - intros ok c Hc Hs. apply (refutation E _ c Hc). exists M. exact Hs.
    - apply satisfies_everything; auto.
  Qed.
  Lemma bound_by_cases v T : every_case E (leaf_fine E D o v) everything T = true ->
    forall M, asks M -> value E o M <= Q2R v.
  Proof.
    intros H M HM. apply same in HM as [HS HD].
    apply (every_case_sound E D M (leaf_fine E D o v) _) with (T := T) (ok := everything); auto.
    - intros ok [c|c] Hc Hs; simpl in Hc.
      + exfalso. apply (refutation E _ c Hc). exists M. exact Hs.
      + apply (bound E _ o v c Hc M Hs).
    - apply satisfies_everything; auto.
  Qed.
  Lemma at_most_by_cases v T x : (forall M, value E o M = worth M) -> Q2R v = x ->
    every_case E (leaf_fine E D o v) everything T = true -> forall M, asks M -> worth M <= x.
  Proof. intros Hw Hv H M HM. rewrite <- Hw, <- Hv. apply (bound_by_cases v T H M HM). Qed.
  Lemma at_least_by_cases v T x : (forall M, value E o M = - worth M) -> Q2R v = - x ->
    every_case E (leaf_fine E D o v) everything T = true -> forall M, asks M -> x <= worth M.
  Proof. intros Hw Hv H M HM. pose proof (bound_by_cases v T H M HM) as G. rewrite Hw, Hv in G. lra. Qed.
  Lemma one_certain m : passes E D m && certain E m = true -> exists M, asks M.
  Proof.
    intros H. apply andb_true_iff in H as [H1 H2]. exists (of_tables m). apply same. split.
    - apply passes_sound, H1.
    - apply certain_sound, H2.
  Qed.
  Lemma certain_reached v m x : (forall M, value E o M = worth M) -> Q2R v = x ->
    attains E D m o v && certain E m = true -> exists M, asks M /\ worth M = x.
  Proof.
    intros Hw Hv H. apply andb_true_iff in H as [H1 H2]. unfold attains in H1. apply andb_true_iff in H1 as [H1 H3].
    exists (of_tables m). split.
    - apply same. split; [apply passes_sound, H1 | apply certain_sound, H2].
    - rewrite <- Hw, <- goal_value, <- at_form_R, <- Hv. apply eq_R, H3.
  Qed.
End Deterministic.

(** A literal of Q is the number that the statement names. *)
Ltac number_is := unfold Q2R; simpl; lra.
