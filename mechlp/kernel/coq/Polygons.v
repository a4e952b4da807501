(** Payoffs that depend on parameters, and polygons of these (segments, points).  A point of a polygon is a mean of its corners; with
    the same lotteries, and transfers in between, requirements there are means of those at the corners. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
From Coq Require Lqa.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

(** * Definitions: payoffs and outside options at [p] are those of [E], and each parameter times its slopes *)
Definition point := list Q.
Definition slopes := ((nat -> nat -> profile -> Q) * (nat -> profile -> Q))%type.
Fixpoint changed (n : nat) (x : Q) (l : list Q) (p : point) : Q :=
  match l with [] => x | s :: l' => changed (S n) (qadd x (qmul (nth n p 0%Q) s)) l' p end.
Definition placed (E : environment) (L : list slopes) (p : point) : environment :=
  {| sizes := sizes E; num_outcomes := num_outcomes E;
     u := fun i a theta => changed 0 (u E i a theta) (map (fun s => fst s i a theta) L) p;
     weight := weight E; prior := prior E;
     outside := fun i theta => changed 0 (outside E i theta) (map (fun s => snd s i theta) L) p |}.

(** An affine function: its constant, and by how much it changes with each parameter. *)
Fixpoint rises (n : nat) (l p : point) : Q := match l with [] => 0%Q | s :: l' => (nth n p 0 * s + rises (S n) l' p)%Q end.
Definition line_at (l p : point) : Q := match l with [] => 0%Q | c :: l' => (c + rises 0 l' p)%Q end.
Definition all_positive (lines : list point) (p : point) : Prop :=
  fold_right (fun l P => (0 < line_at l p)%Q /\ P) True lines.

(** The plane.  Corners are listed counterclockwise. *)
Definition px (p : point) : Q := nth 0 p 0%Q.
Definition py (p : point) : Q := nth 1 p 0%Q.
Definition turn (a b p : point) : Q := ((px b - px a) * (py p - py a) - (py b - py a) * (px p - px a))%Q.
Definition along (a b p : point) : Q := ((px b - px a) * (px p - px a) + (py b - py a) * (py p - py a))%Q.
Fixpoint left_of (first a : point) (rest : list point) (p : point) : Prop :=
  match rest with [] => (0 <= turn a first p)%Q | b :: rest' => (0 <= turn a b p)%Q /\ left_of first b rest' p end.
Definition within (corners : list point) (p : point) : Prop :=
  match corners with
  | [] => False
  | [a] => (px p == px a)%Q /\ (py p == py a)%Q
  | [a; b] => (turn a b p == 0)%Q /\ (0 <= along a b p)%Q /\ (along a b p <= along a b b)%Q
  | a :: rest => left_of a a rest p
  end.

(** Corners that turn to the left, seen from the first one. *)
Fixpoint fan (a b : point) (rest : list point) : bool :=
  match rest with [] => true | c :: rest' => negb (Qle_bool (turn a b c) 0) && fan a c rest' end.
Definition corners_fine (corners : list point) : bool :=
  match corners with
  | [] => false
  | [a] => true
  | [a; b] => negb (Qle_bool (along a b b) 0)
  | a :: b :: rest => fan a b rest
  end.

(** * Soundness *)
Arguments Q2R : simpl never.

(** ** Shares of corners *)
Section Shares.
  Context {X : Type}.
  Variable place : X -> point.
  (** Numbers at corners, each times its share. *)
  Definition mix (C : list (R * X)) (f : X -> R) : R := sum C (fun c => fst c * f (snd c)).
  Definition shares (C : list (R * X)) (p : point) : Prop := (forall c, In c C -> 0 <= fst c) /\ sum C fst = 1 /\
    mix C (fun x => Q2R (px (place x))) = Q2R (px p) /\ mix C (fun x => Q2R (py (place x))) = Q2R (py p).

  Lemma turn_R a b p : Q2R (turn a b p) =
    (Q2R (px b) - Q2R (px a)) * (Q2R (py p) - Q2R (py a)) - (Q2R (py b) - Q2R (py a)) * (Q2R (px p) - Q2R (px a)).
  Proof. unfold turn. rewrite !Q2R_minus, !Q2R_mult, !Q2R_minus. reflexivity. Qed.
  Lemma along_R a b p : Q2R (along a b p) =
    (Q2R (px b) - Q2R (px a)) * (Q2R (px p) - Q2R (px a)) + (Q2R (py b) - Q2R (py a)) * (Q2R (py p) - Q2R (py a)).
  Proof. unfold along. rewrite !Q2R_plus, !Q2R_mult, !Q2R_minus. reflexivity. Qed.

  Lemma unused (l : list X) f : sum (map (fun x => (0, x)) l) (fun c => fst c * f (snd c)) = 0 /\ sum (map (fun x => (0, x)) l) fst = 0.
  Proof. induction l as [|x l [H1 H2]]; simpl; split; lra. Qed.
  Lemma with_unused C l p : shares C p -> shares (C ++ map (fun x => (0, x)) l) p.
  Proof.
    intros (H1 & H2 & H3 & H4). unfold shares, mix in *. rewrite !sum_app, (proj2 (unused l (fun _ => 0))).
    pose proof (proj1 (unused l (fun x => Q2R (px (place x))))) as U. pose proof (proj1 (unused l (fun x => Q2R (py (place x))))) as V.
    cbv beta in *. rewrite U, V. repeat split; try lra. intros c Hc. apply in_app_or in Hc as [Hc|Hc]; auto.
    apply in_map_iff in Hc as (x & <- & _). simpl. lra.
  Qed.
  Lemma triangle a b c p : (0 < turn (place a) (place b) (place c))%Q -> (0 <= turn (place a) (place b) p)%Q ->
    (0 <= turn (place b) (place c) p)%Q -> (0 <= turn (place c) (place a) p)%Q ->
    exists s r t, shares [(s, a); (r, b); (t, c)] p.
  Proof.
    intros H0 H1 H2 H3. apply Qlt_Rlt in H0. apply Qle_Rle in H1, H2, H3. rewrite !turn_R, ?Q2R_zero in H0, H1, H2, H3.
    set (ax := Q2R (px (place a))) in *. set (ay := Q2R (py (place a))) in *. set (bx := Q2R (px (place b))) in *.
    set (by' := Q2R (py (place b))) in *. set (cx := Q2R (px (place c))) in *. set (cy := Q2R (py (place c))) in *.
    set (x := Q2R (px p)) in *. set (y := Q2R (py p)) in *.
    set (d := (bx - ax) * (cy - ay) - (by' - ay) * (cx - ax)) in *.
    assert (P : 0 <= / d) by (apply Rlt_le, Rinv_0_lt_compat; exact H0).
    exists (((cx - bx) * (y - by') - (cy - by') * (x - bx)) * / d), (((ax - cx) * (y - cy) - (ay - cy) * (x - cx)) * / d),
      (((bx - ax) * (y - ay) - (by' - ay) * (x - ax)) * / d).
    unfold shares, mix. cbn [sum fst snd]. fold ax ay bx by' cx cy x y. repeat split.
    - intros w [<-|[<-|[<-|[]]]]; simpl; apply Rmult_le_pos; assumption.
    - field_simplify_eq; [|lra]. unfold d. ring.
    - field_simplify_eq; [|lra]. unfold d. ring.
    - field_simplify_eq; [|lra]. unfold d. ring.
  Qed.
  Lemma in_fan a p : forall rest b, rest <> [] -> fan (place a) (place b) (map place rest) = true ->
    (0 <= turn (place a) (place b) p)%Q -> left_of (place a) (place b) (map place rest) p ->
    exists s C, map snd C = b :: rest /\ shares ((s, a) :: C) p.
  Proof.
    induction rest as [|c rest IH]; intros b Hne HF Ha HL; [congruence|]. simpl in HF, HL.
    apply andb_true_iff in HF as [F1 F2]. destruct HL as [L1 L2].
    assert (P : (0 < turn (place a) (place b) (place c))%Q).
    { apply negb_true_iff, nle_R in F1. apply Rlt_Qlt. exact F1. }
    destruct (Qlt_le_dec (turn (place a) (place c) p) 0) as [Hc|Hc].
    - destruct (triangle a b c p P Ha L1) as (s & r & t & HS).
      { apply Qlt_le_weak. unfold turn in *. Lqa.lra. }
      exists s, ([(r, b); (t, c)] ++ map (fun x => (0, x)) rest). split.
      + simpl. rewrite map_map. simpl. rewrite map_id. reflexivity.
      + apply (with_unused [(s, a); (r, b); (t, c)] rest p HS).
    - destruct rest as [|d rest].
      + destruct (triangle a b c p P Ha L1 L2) as (s & r & t & HS). exists s, [(r, b); (t, c)]. split; [reflexivity|exact HS].
      + destruct (IH c ltac:(discriminate) F2 Hc L2) as (s & C & HC & HS). exists s, ((0, b) :: C). split; [simpl; congruence|].
        destruct HS as (H1 & H2 & H3 & H4). unfold shares, mix in *. cbn [sum fst snd In] in *. repeat split; try lra.
        intros w [<-|[<-|Hw]]; [apply H1; left; reflexivity|simpl; lra|apply H1; right; exact Hw].
  Qed.
  Lemma share_of (l : list X) p : corners_fine (map place l) = true -> within (map place l) p ->
    exists C, map snd C = l /\ shares C p.
  Proof.
    destruct l as [|a [|b [|c rest]]]; intros HF HW; simpl in HF, HW.
    - destruct HW.
    - destruct HW as [H1 H2]. exists [(1, a)]. split; [reflexivity|]. unfold shares, mix. cbn [sum fst snd].
      apply Qeq_eqR in H1, H2. rewrite H1, H2. repeat split; try lra. intros w [<-|[]]. simpl. lra.
    - destruct HW as (H1 & H2 & H3). apply negb_true_iff, nle_R in HF. apply Qeq_eqR in H1. apply Qle_Rle in H2, H3.
      rewrite turn_R in H1. rewrite !along_R in HF, H2. rewrite along_R, (along_R _ _ (place b)) in H3. rewrite Q2R_zero in H1, H2, HF.
      set (ax := Q2R (px (place a))) in *. set (ay := Q2R (py (place a))) in *. set (bx := Q2R (px (place b))) in *.
      set (by' := Q2R (py (place b))) in *. set (x := Q2R (px p)) in *. set (y := Q2R (py p)) in *.
      set (d := (bx - ax) * (bx - ax) + (by' - ay) * (by' - ay)) in *.
      set (k := (bx - ax) * (x - ax) + (by' - ay) * (y - ay)) in *.
      assert (P : 0 < / d) by (apply Rinv_0_lt_compat; exact HF).
      exists [(1 - k * / d, a); (k * / d, b)]. split; [reflexivity|]. unfold shares, mix. cbn [sum fst snd]. fold ax ay bx by' x y.
      assert (K : k * / d <= 1) by (apply (Rmult_le_reg_r d); [exact HF|]; rewrite Rmult_assoc, Rinv_l; lra).
      assert (K0 : 0 <= k * / d) by (apply Rmult_le_pos; lra).
      repeat split.
      + intros w [<-|[<-|[]]]; simpl; lra.
      + lra.
      + apply Rmult_eq_reg_r with d; [|lra]. replace ((k * / d)) with (k / d) by reflexivity.
        transitivity (ax * d + k * (bx - ax)); [field; lra|].
        replace (k * (bx - ax)) with ((bx - ax) * (bx - ax) * (x - ax) + (by' - ay) * ((bx - ax) * (y - ay))) by (unfold k; ring).
        replace ((bx - ax) * (y - ay)) with ((by' - ay) * (x - ax)) by lra. unfold d. ring.
      + apply Rmult_eq_reg_r with d; [|lra]. replace ((k * / d)) with (k / d) by reflexivity.
        transitivity (ay * d + k * (by' - ay)); [field; lra|].
        replace (k * (by' - ay)) with ((bx - ax) * ((by' - ay) * (x - ax)) + (by' - ay) * (by' - ay) * (y - ay)) by (unfold k; ring).
        replace ((by' - ay) * (x - ax)) with ((bx - ax) * (y - ay)) by lra. unfold d. ring.
    - destruct HW as [H1 H2]. destruct (in_fan a p (c :: rest) b ltac:(discriminate) HF H1 H2) as (s & C & HC & HS).
      exists ((s, a) :: C). split; [simpl; congruence|exact HS].
  Qed.
End Shares.

Section Mix.
  Context {X : Type}.
  Variables (place : X -> point) (C : list (R * X)) (p : point).
  Hypothesis HC : shares place C p.
  Local Notation mix := (mix C).

  Lemma mix_plus f g : mix (fun x => f x + g x) = mix f + mix g.
  Proof. unfold Polygons.mix. rewrite <- sum_plus. apply sum_ext. intros c _. ring. Qed.
  Lemma mix_times k f : mix (fun x => k * f x) = k * mix f.
  Proof. unfold Polygons.mix. rewrite <- sum_times. apply sum_ext. intros c _. ring. Qed.
  Lemma mix_ext f g : (forall x, f x = g x) -> mix f = mix g.
  Proof. intros H. unfold Polygons.mix. apply sum_ext. intros c _. rewrite H. reflexivity. Qed.
  Lemma mix_minus f g : mix (fun x => f x - g x) = mix f - mix g.
  Proof.
    rewrite (mix_ext _ (fun x => f x + (-1) * g x)) by (intros; ring). rewrite mix_plus, mix_times. ring.
  Qed.
  Lemma mix_opp f : mix (fun x => - f x) = - mix f.
  Proof. rewrite (mix_ext _ (fun x => (-1) * f x)) by (intros; ring). rewrite mix_times. ring. Qed.
  Lemma mix_const k : mix (fun _ => k) = k.
  Proof.
    destruct HC as (_ & H & _). unfold Polygons.mix. rewrite (sum_ext _ _ (fun c => k * fst c)) by (intros; ring).
    rewrite sum_times, H. ring.
  Qed.
  Lemma mix_sum {Y} (l : list Y) f : mix (fun x => sum l (fun y => f y x)) = sum l (fun y => mix (f y)).
  Proof.
    induction l as [|y l IH]; simpl; [apply mix_const|]. rewrite mix_plus, IH. reflexivity.
  Qed.
  Lemma mix_le f g : (forall x, In x (map snd C) -> f x <= g x) -> mix f <= mix g.
  Proof.
    intros H. destruct HC as (P & _). unfold Polygons.mix. apply sum_le. intros c Hc. apply Rmult_le_compat_l; auto.
    apply H, in_map, Hc.
  Qed.

  Fixpoint rise (n : nat) (l : list Q) (p : point) : R :=
    match l with [] => 0 | s :: l' => Q2R (nth n p 0%Q) * Q2R s + rise (S n) l' p end.
  Lemma changed_R l : forall n x p, Q2R (changed n x l p) = Q2R x + rise n l p.
  Proof. induction l as [|s l IH]; intros n x p'; simpl; [lra|]. rewrite IH, qadd_R, qmul_R. lra. Qed.
  Lemma rise_mix l : forall n, (n + length l <= 2)%nat -> rise n l p = mix (fun x => rise n l (place x)).
  Proof.
    induction l as [|s l IH]; intros n H; simpl in *; [rewrite mix_const; reflexivity|].
    rewrite mix_plus, <- IH by lia. f_equal. rewrite (mix_ext _ (fun x => Q2R s * Q2R (nth n (place x) 0%Q))) by (intros; ring).
    rewrite mix_times. destruct HC as (_ & _ & Hx & Hy). unfold px, py in Hx, Hy.
    destruct n as [|[|n]]; [rewrite Hx; ring|rewrite Hy; ring|lia].
  Qed.
  Lemma rises_R l : forall n p, Q2R (rises n l p) = rise n l p.
  Proof. induction l as [|s l IH]; intros n p'; simpl; [apply Q2R_zero|]. rewrite Q2R_plus, Q2R_mult, IH. reflexivity. Qed.
  Lemma line_mix l : (length l <= 3)%nat -> Q2R (line_at l p) = mix (fun x => Q2R (line_at l (place x))).
  Proof.
    destruct l as [|c l]; intros H; simpl in *; [rewrite mix_const; reflexivity|]. rewrite Q2R_plus, rises_R, (rise_mix l 0) by (simpl; lia).
    transitivity (mix (fun x => Q2R c + rise 0 l (place x))); [rewrite mix_plus, mix_const; reflexivity|].
    apply mix_ext. intros x. rewrite Q2R_plus, rises_R. reflexivity.
  Qed.

  Variables (E : environment) (L : list slopes) (D : design).
  Hypothesis HL : (length L <= 2)%nat.
  Let e := placed E L.
  Let at_ (x : X) := placed E L (place x).
  Lemma u_mix i a theta : Q2R (u (e p) i a theta) = mix (fun x => Q2R (u (at_ x) i a theta)).
  Proof.
    simpl. rewrite changed_R, (rise_mix _ 0) by (rewrite map_length; exact HL).
    transitivity (mix (fun x => Q2R (u E i a theta) + rise 0 (map (fun s => fst s i a theta) L) (place x))); [rewrite mix_plus, mix_const; reflexivity|].
    apply mix_ext. intros x. symmetry. apply changed_R.
  Qed.
  Lemma outside_mix i theta : Q2R (outside (e p) i theta) = mix (fun x => Q2R (outside (at_ x) i theta)).
  Proof.
    simpl. rewrite changed_R, (rise_mix _ 0) by (rewrite map_length; exact HL).
    transitivity (mix (fun x => Q2R (outside E i theta) + rise 0 (map (fun s => snd s i theta) L) (place x))); [rewrite mix_plus, mix_const; reflexivity|].
    apply mix_ext. intros x. symmetry. apply changed_R.
  Qed.
  Lemma surplus_mix a theta : Q2R (surplus (e p) a theta) = mix (fun x => Q2R (surplus (at_ x) a theta)).
  Proof.
    rewrite surplus_R, (mix_ext _ (fun x => Σ i ∈ agents E, Q2R (u (at_ x) i a theta))) by (intros x; exact (surplus_R (at_ x) a theta)).
    rewrite mix_sum. apply sum_ext. intros i _. apply u_mix.
  Qed.

  (** Mechanisms at the corners with the same lotteries, and the one between them. *)
  Variables (made : X -> mechanism) (M : mechanism).
  Hypothesis Hq : forall x a theta, q (made x) a theta = q M a theta.
  Hypothesis Ht : forall i theta, t M i theta = mix (fun x => t (made x) i theta).

  Lemma payoff_mix i theta r : payoff (e p) M i theta r = mix (fun x => payoff (at_ x) (made x) i theta r).
  Proof.
    unfold payoff. rewrite mix_plus, Ht, (mix_sum (outcomes E)). f_equal. apply sum_ext. intros a _. rewrite u_mix, Rmult_comm, <- mix_times.
    apply mix_ext. intros x. rewrite Hq. ring.
  Qed.
  Lemma interim_mix i k r : interim (e p) M i k r = mix (fun x => interim (at_ x) (made x) i k r).
  Proof.
    unfold interim, Rdiv. rewrite (mix_ext _ (fun x => / Q2R (mass E i k) * (Σ theta ∈ of_type E i k,
      Q2R (weight E i theta) * payoff (at_ x) (made x) i theta r))) by (intros; apply Rmult_comm).
    rewrite mix_times, mix_sum, Rmult_comm. f_equal. apply sum_ext. intros th _. rewrite mix_times, payoff_mix. reflexivity.
  Qed.
  Lemma interim_outside_mix i k : interim_outside (e p) i k = mix (fun x => interim_outside (at_ x) i k).
  Proof.
    unfold interim_outside, Rdiv. rewrite (mix_ext _ (fun x => / Q2R (mass E i k) * (Σ theta ∈ of_type E i k,
      Q2R (weight E i theta) * Q2R (outside (at_ x) i theta)))) by (intros; apply Rmult_comm).
    rewrite mix_times, mix_sum, Rmult_comm. f_equal. apply sum_ext. intros th _. rewrite mix_times, outside_mix. reflexivity.
  Qed.
  Lemma form_mix r : form_of M r = mix (fun x => form_of (made x) r).
  Proof.
    unfold form_of. rewrite mix_plus, !mix_sum. f_equal; apply sum_ext; intros [[y j] th] _; rewrite mix_times.
    - rewrite (mix_ext _ (fun _ => q M j th)), mix_const; auto.
    - rewrite Ht. reflexivity.
  Qed.
  Lemma paid_mix theta : (Σ i ∈ agents E, t M i theta) = mix (fun x => Σ i ∈ agents E, t (made x) i theta).
  Proof. rewrite mix_sum. apply sum_ext. intros i _. apply Ht. Qed.
  Lemma expected_mix : (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t M i theta) =
    mix (fun x => Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t (made x) i theta).
  Proof. rewrite mix_sum. apply sum_ext. intros th _. rewrite mix_times, paid_mix. reflexivity. Qed.

  Lemma slack_mix r : slack (e p) D M r = mix (fun x => slack (at_ x) D (made x) r).
  Proof.
    destruct r as [i k r|i th r|i k|i th| |th|k]; cbn [slack].
    - etransitivity; [|symmetry; exact (mix_times (Q2R (mass E i k)) (fun x => interim (at_ x) (made x) i k k - interim (at_ x) (made x) i k r))].
      rewrite mix_minus, !interim_mix. reflexivity.
    - rewrite mix_minus, !payoff_mix. reflexivity.
    - etransitivity; [|symmetry; exact (mix_times (Q2R (mass E i k)) (fun x => interim (at_ x) (made x) i k k - interim_outside (at_ x) i k))].
      rewrite mix_minus, interim_mix, interim_outside_mix. reflexivity.
    - rewrite mix_minus, payoff_mix, outside_mix. reflexivity.
    - rewrite mix_opp. f_equal. apply expected_mix.
    - rewrite mix_opp. f_equal. apply paid_mix.
    - rewrite mix_minus, mix_const, form_mix. reflexivity.
  Qed.

  Lemma value_mix o : value (e p) o M = mix (fun x => value (at_ x) o (made x)).
  Proof.
    induction o as [| |cq ct|w|o IH]; cbn [value].
    - unfold expected_revenue. rewrite mix_opp. f_equal. apply expected_mix.
    - unfold expected_surplus. rewrite (mix_sum (Theta E)). apply sum_ext. intros th _.
      rewrite (mix_sum (outcomes E)). apply sum_ext. intros a _. rewrite surplus_mix.
      transitivity (mix (fun x => Q2R (prior E th) * q M a th * Q2R (surplus (at_ x) a th))); [rewrite mix_times; simpl; ring|].
      apply mix_ext. intros x. rewrite Hq. simpl. ring.
    - rewrite (mix_sum (Theta E)). apply sum_ext. intros th _. rewrite mix_plus, (mix_sum (outcomes E)), (mix_sum (agents E)).
      f_equal; apply sum_ext; intros j _; rewrite mix_times; f_equal.
      + rewrite (mix_ext _ (fun _ => q M j th)), mix_const; auto.
      + apply Ht.
    - unfold weighted_interim. rewrite (mix_sum (agents E)). apply sum_ext. intros i _.
      rewrite (mix_sum (types E i)). apply sum_ext. intros k _.
      transitivity (mix (fun x => if Qle_bool (mass E i k) 0 then 0 else Q2R (w i k) * interim (at_ x) (made x) i k k)); [|reflexivity].
      change (mass (e p) i k) with (mass E i k). destruct (Qle_bool (mass E i k) 0); [rewrite mix_const; reflexivity|].
      rewrite mix_times, interim_mix. reflexivity.
    - rewrite mix_opp, IH. reflexivity.
  Qed.

  Lemma satisfies_mix : (forall x, In x (map snd C) -> satisfies (at_ x) D (made x)) -> satisfies (e p) D M.
  Proof.
    intros H. assert (exists x, In x (map snd C)) as [x0 H0].
    { destruct HC as (_ & S & _). destruct C as [|c C']; [simpl in S; lra|]. exists (snd c). left. reflexivity. }
    apply slacks_satisfy.
    - intros th Hth. destruct (H x0 H0) as (HLo & _). destruct (HLo th Hth) as [P S]. split.
      + intros a Ha. rewrite <- (Hq x0). apply P, Ha.
      + rewrite <- S. apply sum_ext. intros a _. rewrite Hq. reflexivity.
    - destruct (H x0 H0) as (_ & HA & _). destruct (allocation D) eqn:Hal.
      + exact I.
      + intros th a b Hth Ha Hb Hp. rewrite !surplus_mix. apply mix_le. intros x Hx.
        destruct (H x Hx) as (_ & HA' & _). rewrite Hal in HA'. apply (HA' th a b Hth Ha Hb). rewrite Hq. exact Hp.
      + intros th a Hth Ha Hp. apply (HA th a Hth Ha). rewrite Hq. exact Hp.
      + intros th a Hth Ha. rewrite <- (Hq x0). apply (HA th a Hth Ha).
    - intros i th Hi Hth. rewrite Ht. split.
      + destruct (low D i th) as [l|] eqn:Hl; [|exact I]. rewrite <- (mix_const (Q2R l)). apply mix_le. intros x Hx.
        destruct (H x Hx) as (_ & _ & HT & _). specialize (HT i th Hi Hth). rewrite Hl in HT. apply HT.
      + destruct (high D i th) as [h|] eqn:Hl; [|exact I]. rewrite <- (mix_const (Q2R h)). apply mix_le. intros x Hx.
        destruct (H x Hx) as (_ & _ & HT & _). specialize (HT i th Hi Hth). rewrite Hl in HT. apply HT.
    - intros Hic i k r Hi Hk Hr Hm. rewrite !interim_mix. apply Rle_ge, mix_le. intros x Hx.
      destruct (H x Hx) as (_ & _ & _ & HI & _). rewrite Hic in HI. apply Rge_le, (HI i k r Hi Hk Hr Hm).
    - intros r _ Ha. rewrite slack_mix. assert (A : forall x, In x (map snd C) ->
        if equality D r then slack (at_ x) D (made x) r = 0 else 0 <= slack (at_ x) D (made x) r).
      { intros x Hx. apply (slack_holds (at_ x) D (made x) r (H x Hx) Ha). }
      destruct (equality D r).
      + apply Rle_antisym; rewrite <- (mix_const 0) at 1; apply mix_le; intros x Hx; rewrite (A x Hx); lra.
      + rewrite <- (mix_const 0). apply mix_le, A.
  Qed.
End Mix.
