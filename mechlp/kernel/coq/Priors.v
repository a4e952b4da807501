(** A designer who holds a set of priors possible: what a mechanism guarantees, and what none can.
    Definitions, checker, soundness, as for one prior. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Rbasic_fun Lra Lia.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

(** * Definitions *)

Inductive sense := AtLeast | AtMost | Equals.

(** A requirement on the probabilities of profiles and on further numbers that are not negative. *)
Record row := { on_profiles : list (profile * Q); on_others : list (nat * Q); compared : sense; right_side : Q }.

Definition left_side (p : profile -> R) (z : nat -> R) (x : row) : R :=
  (Σ cell ∈ on_profiles x, Q2R (snd cell) * p (fst cell)) + (Σ other ∈ on_others x, Q2R (snd other) * z (fst other)).
Definition row_holds (p : profile -> R) (z : nat -> R) (x : row) : Prop :=
  match compared x with
  | AtLeast => Q2R (right_side x) <= left_side p z x
  | AtMost => left_side p z x <= Q2R (right_side x)
  | Equals => left_side p z x = Q2R (right_side x)
  end.

(** The priors that the designer holds possible: distributions that satisfy every row. *)
Definition possible_prior (E : environment) (rows : list row) (p : profile -> R) : Prop :=
  (forall theta, In theta (Theta E) -> 0 <= p theta) /\
  (Σ theta ∈ Theta E, p theta) = 1 /\
  exists z : nat -> R, (forall j, 0 <= z j) /\ forall x, In x rows -> row_holds p z x.

Definition revenue_under (E : environment) (p : profile -> R) (M : mechanism) : R :=
  - (Σ theta ∈ Theta E, p theta * Σ i ∈ agents E, t M i theta).
Definition surplus_under (E : environment) (p : profile -> R) (M : mechanism) : R :=
  Σ theta ∈ Theta E, p theta * Σ a ∈ outcomes E, surplus E a theta * q M a theta.
Definition linear_under (E : environment) (cq ct : nat -> profile -> Q) (p : profile -> R) (M : mechanism) : R :=
  Σ theta ∈ Theta E, p theta * ((Σ a ∈ outcomes E, cq a theta * q M a theta) + (Σ i ∈ agents E, ct i theta * t M i theta)).

(** * The checker *)

Definition expected (E : environment) (o : objective) (p : profile -> R) (M : mechanism) : R :=
  match o with
  | Revenue => revenue_under E p M
  | Surplus => surplus_under E p M
  | Linear cq ct => linear_under E cq ct p M
  | _ => 0
  end.

(** An expectation under one prior is a linear function of the mechanism. *)
Definition under (E : environment) (p : profile -> Q) (o : objective) : objective :=
  match o with
  | Revenue => Linear (fun _ _ => 0%Q) (fun _ theta => Qopp (p theta))
  | Surplus => Linear (fun a theta => qmul (p theta) (worth E a theta)) (fun _ _ => 0%Q)
  | Linear cq ct => Linear (fun a theta => qmul (p theta) (cq a theta)) (fun i theta => qmul (p theta) (ct i theta))
  | _ => Linear (fun _ _ => 0%Q) (fun _ _ => 0%Q)
  end.

Section Checker.
  Variable E : environment.
  Variable rows : list row.

  Definition q_left (p : profile -> Q) (z : list Q) (x : row) : Q :=
    qadd (qtotal (on_profiles x) (fun cell => qmul (snd cell) (p (fst cell))))
         (qtotal (on_others x) (fun other => qmul (snd other) (nth (fst other) z 0%Q))).
  Definition q_holds (p : profile -> Q) (z : list Q) (x : row) : bool :=
    match compared x with
    | AtLeast => Qle_bool (right_side x) (q_left p z x)
    | AtMost => Qle_bool (q_left p z x) (right_side x)
    | Equals => Qeq_bool (q_left p z x) (right_side x)
    end.
  Definition member (p : profile -> Q) (z : list Q) : bool :=
    distribution_fine E p && forallb (Qle_bool 0) z && forallb (q_holds p z) rows.

  Definition none_under (D : design) (o : objective) (v : Q) (p : profile -> Q) (z : list Q) (c : certificate) : bool :=
    member p z && bounds E D (under E p o) v c.

  (** What the tables give at a profile. *)
  Definition pays (o : objective) (m : (nat -> profile -> Q) * (nat -> profile -> Q)) (theta : profile) : Q :=
    match o with
    | Revenue => Qopp (qtotal (agents E) (fun i => snd m i theta))
    | Surplus => qtotal (outcomes E) (fun a => qmul (worth E a theta) (fst m a theta))
    | Linear cq ct => qadd (qtotal (outcomes E) (fun a => qmul (cq a theta) (fst m a theta)))
                           (qtotal (agents E) (fun i => qmul (ct i theta) (snd m i theta)))
    | _ => 0%Q
    end.
  Definition price_fine (lx : Q * row) : bool :=
    match compared (snd lx) with AtLeast => Qle_bool 0 (fst lx) | AtMost => Qle_bool (fst lx) 0 | Equals => true end.
  Definition put_row (lx : Q * row) (T : trie) : trie :=
    fold_left (fun T other => add [fst other] [] [qmul (fst lx) (snd other)] T) (on_others (snd lx))
      (fold_left (fun T cell => add (0%nat :: fst cell) [qmul (fst lx) (snd cell)] [] T) (on_profiles (snd lx)) T).
  Definition not_more (key : profile) (cq ct : list Q) : option Q :=
    if forallb (fun c => Qle_bool c 0) ct then
      match cq with
      | [] => Some 0%Q
      | _ => match key with
             | _ :: theta => if valid (sizes E) theta && forallb (fun c => Qle_bool c 0) cq then Some 0%Q else None
             | [] => None
             end
      end
    else None.
  (** [total] prices that probabilities sum to one; every price has its row. *)
  Definition guarantees (o : objective) (m : (nat -> profile -> Q) * (nat -> profile -> Q)) (v total : Q) (prices : list Q) : bool :=
    let priced := List.combine prices rows in
    forallb price_fine priced &&
    match largest not_more (fold_left (fun T lx => put_row lx T) priced
            (fold_left (fun T theta => add (0%nat :: theta) [qadd total (Qopp (pays o m theta))] [] T) (Theta E) empty)) with
    | Some b => Qle_bool b 0
    | None => false
    end && Qle_bool v (qadd total (qtotal priced (fun lx => qmul (fst lx) (right_side (snd lx))))).
End Checker.

(** * Soundness *)
Arguments Q2R : simpl never.
Arguments Qopp : simpl never.
Arguments qadd : simpl never.
Arguments qmul : simpl never.

Section Soundness.
  Variable E : environment.
  Variable rows : list row.

  Lemma q_left_R p z x : Q2R (q_left p z x) = left_side (fun th => Q2R (p th)) (fun j => Q2R (nth j z 0%Q)) x.
  Proof.
    unfold q_left, left_side. rewrite qadd_R, !qtotal_R. f_equal; apply sum_ext; intros y _; apply qmul_R.
  Qed.
  Lemma member_sound p z : member E rows p z = true -> possible_prior E rows (fun th => Q2R (p th)).
  Proof.
    unfold member. rewrite !andb_true_iff. intros [[H1 H2] H3]. apply distribution_is in H1 as [P1 P2].
    rewrite forallb_forall in H2, H3. split; [|split].
    - intros th Ht. rewrite <- Q2R_zero. apply Qle_Rle, P1, Ht.
    - rewrite <- qsum_R, (Qeq_eqR _ _ P2). apply Q2R_one.
    - exists (fun j => Q2R (nth j z 0%Q)). split.
      + intros j. destruct (nth_in_or_default j z 0%Q) as [Hj|Hj].
        * rewrite <- Q2R_zero. apply le_R. auto.
        * rewrite Hj, Q2R_zero. lra.
      + intros x Hx. specialize (H3 x Hx). unfold q_holds in H3. unfold row_holds.
        rewrite <- q_left_R. destruct (compared x); [apply le_R|apply le_R|apply eq_R]; exact H3.
  Qed.

  Lemma under_R p o M : value E (under E p o) M = expected E o (fun th => Q2R (p th)) M.
  Proof.
    destruct o; simpl; unfold revenue_under, surplus_under, linear_under.
    - rewrite sum_opp. apply sum_ext. intros th _.
      rewrite (sum_ext _ _ (fun a => 0 * q M a th)) by (intros; rewrite Q2R_zero; reflexivity).
      rewrite !sum_times, Q2R_opp. lra.
    - apply sum_ext. intros th _.
      rewrite (sum_ext (agents E) _ (fun i => 0 * t M i th)) by (intros; rewrite Q2R_zero; reflexivity).
      rewrite sum_times, Rmult_0_l, Rplus_0_r, <- sum_times. apply sum_ext. intros a _. rewrite qmul_R.
      unfold worth. rewrite (Qeq_eqR _ _ (qtotal_eq _ _)). unfold surplus. lra.
    - apply sum_ext. intros th _. rewrite Rmult_plus_distr_l, <- !sum_times.
      f_equal; apply sum_ext; intros x _; rewrite qmul_R; lra.
    - rewrite (sum_ext _ _ (fun th => 0 * 0)); [rewrite sum_times; lra|]. intros th _.
      rewrite (sum_ext (outcomes E) _ (fun a => 0 * q M a th)), (sum_ext (agents E) _ (fun i => 0 * t M i th))
        by (intros; rewrite Q2R_zero; reflexivity).
      rewrite !sum_times. lra.
    - rewrite (sum_ext _ _ (fun th => 0 * 0)); [rewrite sum_times; lra|]. intros th _.
      rewrite (sum_ext (outcomes E) _ (fun a => 0 * q M a th)), (sum_ext (agents E) _ (fun i => 0 * t M i th))
        by (intros; rewrite Q2R_zero; reflexivity).
      rewrite !sum_times. lra.
  Qed.

  Theorem none_under_sound D o v p z c : none_under E rows D o v p z c = true ->
    forall M, satisfies E D M -> exists p, possible_prior E rows p /\ expected E o p M <= Q2R v.
  Proof.
    unfold none_under. intros H M HM. apply andb_true_iff in H as [H1 H2]. exists (fun th => Q2R (p th)). split.
    - apply (member_sound p z H1).
    - rewrite <- under_R. apply (bound E D _ v c H2 M HM).
  Qed.

  Variable o : objective.
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).
  Lemma expected_pays p : expected E o p (of_tables m) = Σ th ∈ Theta E, p th * Q2R (pays E o m th).
  Proof.
    destruct o; simpl; unfold revenue_under, surplus_under, linear_under; simpl.
    - rewrite sum_opp. apply sum_ext. intros th _. rewrite Q2R_opp, qtotal_R. lra.
    - apply sum_ext. intros th _. rewrite qtotal_R. f_equal. apply sum_ext. intros a _. rewrite qmul_R.
      unfold worth. rewrite (Qeq_eqR _ _ (qtotal_eq _ _)). unfold surplus. lra.
    - apply sum_ext. intros th _. rewrite qadd_R, !qtotal_R. f_equal. f_equal; apply sum_ext; intros x _; rewrite qmul_R; lra.
    - rewrite (sum_ext _ _ (fun th => 0 * 0)); [rewrite sum_times; lra|]. intros; rewrite Q2R_zero; lra.
    - rewrite (sum_ext _ _ (fun th => 0 * 0)); [rewrite sum_times; lra|]. intros; rewrite Q2R_zero; lra.
  Qed.

  Variable p : profile -> R.
  Variable z : nat -> R.
  Hypothesis Hp : forall th, In th (Theta E) -> 0 <= p th.
  Hypothesis Hz : forall j, 0 <= z j.
  Definition fp (key : profile) (a : nat) : R := match key with _ :: th => p th | [] => 0 end.
  Definition fz (key : profile) (i : nat) : R := match key with j :: _ => z j | [] => 0 end.

  Lemma not_more_sound key cq ct x : not_more E key cq ct = Some x -> dot cq (fp key) 0 + dot ct (fz key) 0 <= Q2R x.
  Proof.
    unfold not_more. destruct (forallb (fun c => Qle_bool c 0) ct) eqn:H1; [|discriminate].
    assert (N : forall f : nat -> R, (forall k, 0 <= f k) -> forall l k, forallb (fun c => Qle_bool c 0) l = true -> dot l f k <= 0).
    { intros f Hf. induction l as [|c l IH]; intros k Hl; simpl in *; [lra|]. apply andb_true_iff in Hl as [Hc Hl].
      apply le_R in Hc. rewrite Q2R_zero in Hc. specialize (IH (S k) Hl). specialize (Hf k).
      assert (Q2R c * f k <= 0 * f k) by (apply Rmult_le_compat_r; auto). lra. }
    assert (Hct : dot ct (fz key) 0 <= 0) by (apply N; auto; intros k; unfold fz; destruct key; [lra|apply Hz]).
    intros H. destruct cq as [|c cq].
    - inversion H. simpl. rewrite Q2R_zero. lra.
    - destruct key as [|j th]; [discriminate|]. destruct (valid (sizes E) th) eqn:Hv; [|discriminate].
      cbn [andb] in H.
      match type of H with (if ?b then _ else _) = _ => destruct b eqn:H2 end; [|discriminate].
      inversion H. rewrite Q2R_zero. apply valid_grid in Hv.
      assert (dot (c :: cq) (fp (j :: th)) 0 <= 0) by (apply N; auto; intros k; simpl; apply Hp, Hv). lra.
  Qed.

  Lemma put_row_sound lx T : evT fp fz (put_row lx T) = evT fp fz T + Q2R (fst lx) * left_side p z (snd lx).
  Proof.
    unfold put_row, left_side.
    assert (A : forall l T, evT fp fz (fold_left (fun T (cell : profile * Q) => add (0%nat :: fst cell) [qmul (fst lx) (snd cell)] [] T) l T)
      = evT fp fz T + Q2R (fst lx) * Σ cell ∈ l, Q2R (snd cell) * p (fst cell)).
    { induction l as [|cell l IH]; intros T0; cbn [fold_left sum]; [lra|]. rewrite IH, evT_add. cbn [dot fp fz]. rewrite qmul_R. lra. }
    assert (B : forall l T, evT fp fz (fold_left (fun T (other : nat * Q) => add [fst other] [] [qmul (fst lx) (snd other)] T) l T)
      = evT fp fz T + Q2R (fst lx) * Σ other ∈ l, Q2R (snd other) * z (fst other)).
    { induction l as [|cell l IH]; intros T0; cbn [fold_left sum]; [lra|]. rewrite IH, evT_add. cbn [dot fp fz]. rewrite qmul_R. lra. }
    rewrite B, A. lra.
  Qed.
End Soundness.

Theorem guarantees_sound E rows o m v total prices : guarantees E rows o m v total prices = true ->
  forall p, possible_prior E rows p -> Q2R v <= expected E o p (of_tables m).
Proof.
  unfold guarantees. rewrite !andb_true_iff. intros [[H1 H2] H3] p (Hp & Hs & z & Hz & Hr).
  set (priced := List.combine prices rows) in *.
  destruct (largest _ _) as [b|] eqn:Hb; [|discriminate].
  apply (largest_sound _ _ (fp p) (fz z)) in Hb; [|intros; eapply not_more_sound; eauto].
  apply le_R in H2, H3. rewrite Q2R_zero in H2.
  assert (A : forall l T, evT (fp p) (fz z) (fold_left (fun T lx => put_row lx T) l T) =
    evT (fp p) (fz z) T + sum l (fun lx => Q2R (fst lx) * left_side p z (snd lx))).
  { induction l as [|lx l IH]; intros T; simpl; [lra|]. rewrite IH, put_row_sound. lra. }
  assert (B : forall l T, evT (fp p) (fz z) (fold_left (fun T th => add (0%nat :: th) [qadd total (Qopp (pays E o m th))] [] T) l T) =
    evT (fp p) (fz z) T + (Q2R total * sum l (fun th => p th) - sum l (fun th => p th * Q2R (pays E o m th)))).
  { induction l as [|th l IH]; intros T; cbn [fold_left sum]; [lra|]. rewrite IH, evT_add. cbn [dot fp fz]. rewrite qadd_R, Q2R_opp. lra. }
  rewrite A, B, evT_empty in Hb. unfold profile in Hs. rewrite Hs in Hb.
  rewrite qadd_R, qtotal_R in H3. rewrite expected_pays.
  assert (C : sum priced (fun lx => Q2R (qmul (fst lx) (right_side (snd lx)))) <=
              sum priced (fun lx => Q2R (fst lx) * left_side p z (snd lx))).
  { apply sum_le. intros [l x] Hin. rewrite qmul_R. simpl. rewrite forallb_forall in H1. specialize (H1 _ Hin).
    assert (Hx : In x rows) by (apply in_combine_r in Hin; exact Hin).
    specialize (Hr x Hx). unfold price_fine in H1. unfold row_holds in Hr. simpl in H1.
    destruct (compared x); try (apply le_R in H1; rewrite Q2R_zero in H1).
    - apply Rmult_le_compat_l; auto.
    - apply Rmult_le_compat_neg_l; auto.
    - rewrite Hr. lra. }
  unfold profile in *. lra.
Qed.

(** ** Deterministic allocations: a leaf refutes, or names a prior of the set. *)
Inductive worst_leaf := Refuted (c : certificate) | Worst (p : table) (z : list Q) (c : certificate).
Definition worst_leaf_fine E rows D o v (ok : nat -> profile -> bool) (x : worst_leaf) : bool :=
  match x with
  | Refuted c => refutes E (with_allowed D ok) c
  | Worst p z c => none_under E rows (with_allowed D ok) o v (look p) z c
  end.

(** ** For the files of answers *)
Section Answers.
  Variables (E : environment) (D : design) (rows : list row) (o : objective).
  Variables (asks : mechanism -> Prop) (worth : (profile -> R) -> mechanism -> R) (x : R) (v : Q).
  Hypothesis Hw : forall p M, expected E o p M = worth p M.
  Hypothesis Hv : Q2R v = x.

  Lemma none_guarantees_more p z c : (forall M, asks M -> satisfies E D M) -> none_under E rows D o v p z c = true ->
    forall M, asks M -> exists p, possible_prior E rows p /\ worth p M <= x.
  Proof.
    intros H Hc M HM. destruct (none_under_sound E rows D o v p z c Hc M (H M HM)) as (p' & H1 & H2).
    exists p'. rewrite <- Hw, <- Hv. auto.
  Qed.
  Lemma none_guarantees_more_by_cases T : allocation D = Chosen ->
    (forall M, asks M -> satisfies E D M /\ deterministic E M) ->
    every_case E (worst_leaf_fine E rows D o v) everything T = true ->
    forall M, asks M -> exists p, possible_prior E rows p /\ worth p M <= x.
  Proof.
    intros Ha H Hc M HM. destruct (H M HM) as [HS HD].
    assert (G : exists p, possible_prior E rows p /\ expected E o p M <= Q2R v).
    { apply (every_case_sound E D M (worst_leaf_fine E rows D o v) _) with (T := T) (ok := everything); auto.
      - intros ok [c|p z c] Hx Hs; simpl in Hx.
        + exfalso. apply (refutation E _ c Hx). exists M. exact Hs.
        + apply (none_under_sound E rows _ o v (look p) z c Hx M Hs).
      - apply satisfies_everything; auto. }
    destruct G as (p & H1 & H2). exists p. rewrite <- Hw, <- Hv. auto.
  Qed.
  Lemma one_guarantees m total prices : (forall M, satisfies E D M -> asks M) ->
    passes E D m && guarantees E rows o m v total prices = true ->
    exists M, asks M /\ forall p, possible_prior E rows p -> x <= worth p M.
  Proof.
    intros H Hc. apply andb_true_iff in Hc as [H1 H2]. exists (of_tables m). split.
    - apply H, passes_sound, H1.
    - intros p Hp. rewrite <- Hw, <- Hv. apply (guarantees_sound E rows o m v total prices H2 p Hp).
  Qed.
  Lemma one_certain_guarantees m total prices : (forall M, satisfies E D M -> deterministic E M -> asks M) ->
    passes E D m && certain E m && guarantees E rows o m v total prices = true ->
    exists M, asks M /\ forall p, possible_prior E rows p -> x <= worth p M.
  Proof.
    intros H Hc. rewrite !andb_true_iff in Hc. destruct Hc as [[H1 H0] H2]. exists (of_tables m). split.
    - apply H; [apply passes_sound, H1|apply certain_sound, H0].
    - intros p Hp. rewrite <- Hw, <- Hv. apply (guarantees_sound E rows o m v total prices H2 p Hp).
  Qed.
End Answers.
