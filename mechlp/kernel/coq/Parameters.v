(** Theorems with parameters: utilities are formulas of rational parameters, and the inequalities of a proof hold for all of them.
    A requirement, times the total weight of its type, is a sum that linear arithmetic over the reals decides. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

Section Requirements.
  Variables (E : environment) (M : mechanism).

  (** What a type gains by truth, times its total weight: a sum over profiles, without a division. *)
  Definition gain_of_truth (i k r : nat) : R :=
    Σ theta ∈ cells E i k, Q2R (weight E i theta) * (payoff E M i theta k - payoff E M i theta r).
  Definition gain_of_taking_part (i k : nat) : R :=
    Σ theta ∈ cells E i k, Q2R (weight E i theta) * (payoff E M i theta k - Q2R (outside E i theta)).

  Lemma truth_gain i k r : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    gain_of_truth i k r = Q2R (mass E i k) * (interim E M i k k - interim E M i k r).
  Proof.
    intros Hi Hk H. unfold gain_of_truth, interim. rewrite Rmult_minus_distr_l, !average, sum_minus; auto.
    apply sum_ext. intros th _. lra.
  Qed.
  Lemma part_gain i k : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    gain_of_taking_part i k = Q2R (mass E i k) * (interim E M i k k - interim_outside E i k).
  Proof.
    intros Hi Hk H. unfold gain_of_taking_part, interim, interim_outside.
    rewrite Rmult_minus_distr_l, !average, sum_minus; auto. apply sum_ext. intros th _. lra.
  Qed.

  Lemma bayesian_IC_sums : (forall i k r, In i (agents E) -> In k (types E i) -> In r (types E i) -> 0 <= gain_of_truth i k r) ->
    bayesian_IC E M.
  Proof.
    intros H i k r Hi Hk Hr Hm. specialize (H i k r Hi Hk Hr). rewrite truth_gain in H; auto.
    apply times_nonneg in H; [lra|]. apply mass_R, Hm.
  Qed.
  Lemma interim_IR_sums : (forall i k, In i (agents E) -> In k (types E i) -> 0 <= gain_of_taking_part i k) -> interim_IR E M.
  Proof.
    intros H i k Hi Hk Hm. specialize (H i k Hi Hk). rewrite part_gain in H; auto.
    apply times_nonneg in H; [lra|]. apply mass_R, Hm.
  Qed.
  Lemma sums_of_IC i k r : bayesian_IC E M -> In i (agents E) -> In k (types E i) -> In r (types E i) ->
    (0 < mass E i k)%Q -> 0 <= gain_of_truth i k r.
  Proof.
    intros H Hi Hk Hr Hm. rewrite truth_gain; auto. specialize (H i k r Hi Hk Hr Hm).
    apply Rmult_le_pos; [apply Rlt_le, mass_R, Hm|lra].
  Qed.
  Lemma sums_of_IR i k : interim_IR E M -> In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    0 <= gain_of_taking_part i k.
  Proof.
    intros H Hi Hk Hm. rewrite part_gain; auto. specialize (H i k Hi Hk Hm).
    apply Rmult_le_pos; [apply Rlt_le, mass_R, Hm|lra].
  Qed.

  (** Where one outcome alone is efficient, it is certain. *)
  Lemma only_efficient theta a : lotteries E M -> efficient E M -> In theta (Theta E) -> In a (outcomes E) ->
    (forall b, In b (outcomes E) -> b <> a -> (surplus E b theta < surplus E a theta)%Q) ->
    forall b, In b (outcomes E) -> q M b theta = if (b =? a)%nat then 1 else 0.
  Proof.
    intros HL HE Ht Ha H. destruct (HL theta Ht) as [Hp Hs].
    assert (Z : forall b, In b (outcomes E) -> b <> a -> q M b theta = 0).
    { intros b Hb Hne. specialize (Hp b Hb). destruct (Rle_lt_dec (q M b theta) 0) as [|Hq]; [lra|].
      specialize (HE theta b a Ht Hb Ha Hq). specialize (H b Hb Hne). apply Qlt_Rlt in H. lra. }
    intros b Hb. destruct (Nat.eqb_spec b a) as [->|Hne]; [|auto].
    rewrite <- Hs. clear Hs.
    assert (N : forall l, NoDup l -> (forall c, In c l -> In c (outcomes E)) -> In a l -> sum l (fun c => q M c theta) = q M a theta).
    { induction l as [|c l IH]; [intros _ _ []|]. intros Hn Hl Hin. inversion Hn; subst. simpl.
      destruct (Nat.eq_dec c a) as [->|Hne].
      - rewrite (sum_ext _ _ (fun _ => 0 * 0)).
        + rewrite sum_times. lra.
        + intros c Hc. rewrite Z; [lra| |]; [apply Hl; right; auto|]. intros ->. contradiction.
      - rewrite (Z c), IH; auto; [lra| | |].
        + intros d Hd. apply Hl. right. auto.
        + destruct Hin; [contradiction|auto].
        + apply Hl. left. reflexivity. }
    symmetry. apply N; auto. apply seq_NoDup.
  Qed.
End Requirements.

(** Every case of a number below a small one. *)
Ltac each H := simpl in H; repeat (destruct H as [H|H]; [subst|]); [..|try contradiction].
Ltac rational := rewrite ?Q2R_plus, ?Q2R_minus, ?Q2R_mult, ?Q2R_opp, ?Q2R_zero, ?Q2R_one;
  repeat match goal with |- context [Q2R (?x # ?y)] =>
    let v := eval compute in (Qnum (x # y), Zpos (Qden (x # y))) in
    match v with (?n, ?d) => replace (Q2R (x # y)) with (IZR n / IZR d) by (unfold Q2R; simpl; lra) end end.
