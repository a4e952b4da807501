(** Payoffs that depend on a parameter: theorems for every value of it between two ends.  With the same lotteries and transfers in
    between, what is asked holds between two ends where it holds at both; what multipliers imply lies between what they imply there. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Rbasic_fun Lra Lia.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

(** * Definitions: payoffs and outside options at [x] are those of [E], and [x] times their slopes *)
Definition along (E : environment) (slope : nat -> nat -> profile -> Q) (outside_slope : nat -> profile -> Q) (x : Q) : environment :=
  {| sizes := sizes E; num_outcomes := num_outcomes E;
     u := fun i a theta => qadd (u E i a theta) (qmul x (slope i a theta));
     weight := weight E; prior := prior E;
     outside := fun i theta => qadd (outside E i theta) (qmul x (outside_slope i theta)) |}.

(** * The checker *)
Section Checker.
  Variables (E : environment) (slope : nat -> nat -> profile -> Q) (outside_slope : nat -> profile -> Q) (D : design).
  Variables (lo hi : Q).
  Definition at_lo : environment := along E slope outside_slope lo.
  Definition at_hi : environment := along E slope outside_slope hi.
  Definition apart : bool := negb (Qle_bool hi lo).
  Definition less_at (E : environment) (a b : nat) (theta : profile) : bool := negb (Qle_bool (worth E b theta) (worth E a theta)).
  (** Another outcome is better between the ends: better at one, and at the other as good (better, where ends count). *)
  Definition beaten (ends : bool) (a : nat) (theta : profile) : bool := existsb (fun b =>
    let l := less_at at_lo a b theta in let h := less_at at_hi a b theta in
    (l && h) || (negb ends && ((l && Qle_bool (worth at_hi a theta) (worth at_hi b theta)) ||
                               (h && Qle_bool (worth at_lo a theta) (worth at_lo b theta))))) (outcomes E).
  (** What is left of the design at an end: lotteries over what may be used between them, and limits. *)
  Definition relaxed (ends : bool) : design :=
    {| ic := NoIC; ir := NoIR; bb := NoBB;
       allocation := match allocation D with Efficient => Within (fun a theta => negb (beaten ends a theta)) | rule => rule end;
       low := low D; high := high D; own := [] |}.
  Definition goal_at (E : environment) (o : option objective) : list atom := match o with Some o => goal E o | None => [] end.
  Definition end_bound (E : environment) (D' : design) (o : option objective) (c : certificate) : option Q :=
    let (T, b) := combine E D (goal_at E o) c in
    match largest (leaf E D') T with Some x => Some (qadd x b) | None => None end.
  (** On the line [v + w x] at both ends. *)
  Definition refutes_between (c : certificate) : bool := apart && forallb (sign_correct at_lo D) c &&
    match end_bound at_lo (relaxed false) None c, end_bound at_hi (relaxed false) None c with
    | Some l, Some h => Qle_bool l 0 && Qle_bool h 0 && negb (Qle_bool 0 l && Qle_bool 0 h) | _, _ => false end.
  Definition bounds_between (ends : bool) (o : objective) (v w : Q) (c : certificate) : bool :=
    apart && forallb (sign_correct at_lo D) c &&
    match end_bound at_lo (relaxed ends) (Some o) c, end_bound at_hi (relaxed ends) (Some o) c with
    | Some l, Some h => Qle_bool l (qadd v (qmul w lo)) && Qle_bool h (qadd v (qmul w hi)) | _, _ => false end.
  Variables (chances : nat -> profile -> Q) (paid_lo paid_hi : nat -> profile -> Q).
  Definition passes_between : bool := apart && passes at_lo D (chances, paid_lo) && passes at_hi D (chances, paid_hi).
  Definition attains_between (o : objective) (v w : Q) : bool := passes_between &&
    Qeq_bool (at_form at_lo (chances, paid_lo) (goal at_lo o)) (qadd v (qmul w lo)) &&
    Qeq_bool (at_form at_hi (chances, paid_hi) (goal at_hi o)) (qadd v (qmul w hi)).
End Checker.

(** * Soundness *)
Arguments Q2R : simpl never.

Section Mix.
  Variables (E : environment) (slope : nat -> nat -> profile -> Q) (outside_slope : nat -> profile -> Q) (D : design).
  Variables (lo hi x : Q) (s : R).
  Hypothesis Hs : 0 <= s <= 1.
  Hypothesis Hx : Q2R x = (1 - s) * Q2R lo + s * Q2R hi.
  Let e := along E slope outside_slope.
  Definition between (a b : R) : R := (1 - s) * a + s * b.

  Lemma u_between i a theta : Q2R (u (e x) i a theta) = between (u (e lo) i a theta) (u (e hi) i a theta).
  Proof. unfold between. simpl. rewrite !qadd_R, !qmul_R, Hx. ring. Qed.
  Lemma outside_between i theta : Q2R (outside (e x) i theta) = between (outside (e lo) i theta) (outside (e hi) i theta).
  Proof. unfold between. simpl. rewrite !qadd_R, !qmul_R, Hx. ring. Qed.
  Lemma sum_between {X} (l : list X) f g : sum l (fun y => between (f y) (g y)) = between (sum l f) (sum l g).
  Proof. unfold between. rewrite sum_plus, !sum_times. reflexivity. Qed.
  Lemma times_between c a b : c * between a b = between (c * a) (c * b). Proof. unfold between. ring. Qed.
  Lemma surplus_between a theta : Q2R (surplus (e x) a theta) = between (surplus (e lo) a theta) (surplus (e hi) a theta).
  Proof. rewrite !surplus_R, <- sum_between. apply sum_ext. intros i _. apply u_between. Qed.
  Lemma between_nonneg a b : 0 <= a -> 0 <= b -> 0 <= between a b.
  Proof. intros Ha Hb. unfold between. apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra. Qed.
  Lemma between_le a b c d : a <= c -> b <= d -> between a b <= between c d.
  Proof. intros Ha Hb. unfold between. apply Rplus_le_compat; apply Rmult_le_compat_l; lra. Qed.

  (** Mechanisms at the ends with the same lotteries, and the one between them. *)
  Variables (Ml Mh Mx : mechanism).
  Hypothesis Hl : forall a theta, q Ml a theta = q Mx a theta.
  Hypothesis Hh : forall a theta, q Mh a theta = q Mx a theta.
  Hypothesis Ht : forall i theta, t Mx i theta = between (t Ml i theta) (t Mh i theta).

  Lemma payoff_between i theta r : payoff (e x) Mx i theta r = between (payoff (e lo) Ml i theta r) (payoff (e hi) Mh i theta r).
  Proof.
    unfold payoff. rewrite Ht. rewrite (sum_ext _ _ (fun a => between (u (e lo) i a theta * q Ml a (report theta i r))
      (u (e hi) i a theta * q Mh a (report theta i r)))).
    - rewrite sum_between. unfold between. change (outcomes (e x)) with (outcomes E). change (outcomes (e lo)) with (outcomes E).
      change (outcomes (e hi)) with (outcomes E). ring.
    - intros a _. rewrite u_between, Hl, Hh. unfold between. ring.
  Qed.
  Lemma interim_between i k r : interim (e x) Mx i k r = between (interim (e lo) Ml i k r) (interim (e hi) Mh i k r).
  Proof.
    unfold interim. change (mass (e x) i k) with (mass E i k). change (mass (e lo) i k) with (mass E i k).
    change (mass (e hi) i k) with (mass E i k). change (of_type (e x) i k) with (of_type E i k).
    change (of_type (e lo) i k) with (of_type E i k). change (of_type (e hi) i k) with (of_type E i k).
    rewrite (sum_ext _ _ (fun th => between (weight E i th * payoff (e lo) Ml i th r) (weight E i th * payoff (e hi) Mh i th r)))
      by (intros th _; rewrite payoff_between, <- times_between; reflexivity).
    rewrite sum_between. unfold between, Rdiv. change (weight (e lo)) with (weight E). change (weight (e hi)) with (weight E). ring.
  Qed.
  Lemma interim_outside_between i k : interim_outside (e x) i k = between (interim_outside (e lo) i k) (interim_outside (e hi) i k).
  Proof.
    unfold interim_outside. change (mass (e x) i k) with (mass E i k). change (mass (e lo) i k) with (mass E i k).
    change (mass (e hi) i k) with (mass E i k). change (of_type (e x) i k) with (of_type E i k).
    change (of_type (e lo) i k) with (of_type E i k). change (of_type (e hi) i k) with (of_type E i k).
    rewrite (sum_ext _ _ (fun th => between (weight E i th * outside (e lo) i th) (weight E i th * outside (e hi) i th)))
      by (intros th _; rewrite outside_between, <- times_between; reflexivity).
    rewrite sum_between. unfold between, Rdiv. change (weight (e lo)) with (weight E). change (weight (e hi)) with (weight E). ring.
  Qed.
  Lemma form_between r : form_of Mx r = between (form_of Ml r) (form_of Mh r).
  Proof.
    unfold form_of.
    rewrite (sum_ext (on_chances r) _ (fun c => between (let '(y, a, th) := c in Q2R y * q Ml a th) (let '(y, a, th) := c in Q2R y * q Mh a th)))
      by (intros [[y a] th] _; rewrite Hl, Hh; unfold between; ring).
    rewrite (sum_ext (on_transfers r) _ (fun c => between (let '(y, i, th) := c in Q2R y * t Ml i th) (let '(y, i, th) := c in Q2R y * t Mh i th)))
      by (intros [[y a] th] _; rewrite Ht; unfold between; ring).
    rewrite !sum_between. unfold between. ring.
  Qed.
  Lemma paid_between theta : (Σ i ∈ agents E, t Mx i theta) = between (Σ i ∈ agents E, t Ml i theta) (Σ i ∈ agents E, t Mh i theta).
  Proof. rewrite <- sum_between. apply sum_ext. intros i _. apply Ht. Qed.
  Lemma expected_between : (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t Mx i theta) =
    between (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t Ml i theta) (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t Mh i theta).
  Proof. rewrite <- sum_between. apply sum_ext. intros th _. rewrite paid_between. apply times_between. Qed.

  Lemma slack_between r : slack (e x) D Mx r = between (slack (e lo) D Ml r) (slack (e hi) D Mh r).
  Proof.
    destruct r as [i k r|i th r|i k|i th| |th|k]; cbn [slack].
    - change (mass (e x) i k) with (mass E i k). change (mass (e lo) i k) with (mass E i k).
      change (mass (e hi) i k) with (mass E i k). rewrite !interim_between. unfold between. ring.
    - rewrite !payoff_between. unfold between. ring.
    - change (mass (e x) i k) with (mass E i k). change (mass (e lo) i k) with (mass E i k).
      change (mass (e hi) i k) with (mass E i k). rewrite interim_between, interim_outside_between. unfold between. ring.
    - rewrite payoff_between, outside_between. unfold between. ring.
    - change (- (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t Mx i theta) =
        between (- (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t Ml i theta)) (- (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t Mh i theta))).
      rewrite expected_between. unfold between. ring.
    - change (- (Σ i ∈ agents E, t Mx i th) = between (- (Σ i ∈ agents E, t Ml i th)) (- (Σ i ∈ agents E, t Mh i th))).
      rewrite paid_between. unfold between. ring.
    - rewrite form_between. unfold between. ring.
  Qed.

  Lemma value_between o : value (e x) o Mx = between (value (e lo) o Ml) (value (e hi) o Mh).
  Proof.
    induction o as [| |cq ct|w|o IH]; cbn [value].
    - change (- (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t Mx i theta) =
        between (- (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t Ml i theta)) (- (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t Mh i theta))).
      rewrite expected_between. unfold between. ring.
    - unfold expected_surplus. rewrite <- sum_between. apply sum_ext. intros th _.
      rewrite <- sum_between. apply sum_ext. intros a _. rewrite surplus_between, Hl, Hh. unfold between. simpl. ring.
    - rewrite <- sum_between. apply sum_ext. intros th _.
      rewrite (sum_ext (outcomes (e x)) _ (fun a => between (cq a th * q Ml a th) (cq a th * q Mh a th)))
        by (intros a _; rewrite Hl, Hh; unfold between; ring).
      rewrite (sum_ext (agents (e x)) _ (fun i => between (ct i th * t Ml i th) (ct i th * t Mh i th)))
        by (intros i _; rewrite Ht; apply times_between).
      rewrite !sum_between. unfold between. change (outcomes (e x)) with (outcomes E). change (outcomes (e lo)) with (outcomes E).
      change (outcomes (e hi)) with (outcomes E). change (agents (e x)) with (agents E). change (agents (e lo)) with (agents E).
      change (agents (e hi)) with (agents E). ring.
    - unfold weighted_interim. rewrite <- sum_between. apply sum_ext. intros i _. rewrite <- sum_between. apply sum_ext. intros k _.
      change (mass (e x) i k) with (mass E i k). change (mass (e lo) i k) with (mass E i k).
      change (mass (e hi) i k) with (mass E i k). destruct (Qle_bool (mass E i k) 0); [unfold between; ring|].
      rewrite interim_between. apply times_between.
    - rewrite IH. unfold between. ring.
  Qed.

  Lemma satisfies_between : satisfies (e lo) D Ml -> satisfies (e hi) D Mh -> satisfies (e x) D Mx.
  Proof.
    intros HL HH. pose proof HL as (L1 & L2 & L3 & L4 & _). pose proof HH as (H1 & H2 & H3 & H4 & _).
    apply slacks_satisfy.
    - intros th Hth. destruct (L1 th Hth) as [P S]. split.
      + intros a Ha. rewrite <- Hl. apply P, Ha.
      + rewrite <- S. apply sum_ext. intros a _. rewrite Hl. reflexivity.
    - destruct (allocation D).
      + exact I.
      + intros th a b Hth Ha Hb Hp. rewrite !surplus_between. apply between_le.
        * apply (L2 th a b Hth Ha Hb). rewrite Hl. exact Hp.
        * apply (H2 th a b Hth Ha Hb). rewrite Hh. exact Hp.
      + intros th a Hth Ha Hp. apply (L2 th a Hth Ha). rewrite Hl. exact Hp.
      + intros th a Hth Ha. rewrite <- Hl. apply (L2 th a Hth Ha).
    - intros i th Hi Hth. specialize (L3 i th Hi Hth). specialize (H3 i th Hi Hth). rewrite Ht.
      destruct L3 as [La Lb], H3 as [Ha Hb]. split.
      + destruct (low D i th) as [l|]; [|exact I]. replace (Q2R l) with (between l l) by (unfold between; ring). apply between_le; auto.
      + destruct (high D i th) as [h|]; [|exact I]. replace (Q2R h) with (between h h) by (unfold between; ring). apply between_le; auto.
    - intros Hic. rewrite Hic in L4, H4. intros i k r Hi Hk Hr Hm. rewrite !interim_between.
      apply Rle_ge, between_le; apply Rge_le; [apply (L4 i k r Hi Hk Hr Hm)|apply (H4 i k r Hi Hk Hr Hm)].
    - intros r _ Ha. rewrite slack_between. pose proof (slack_holds (e lo) D Ml r HL Ha) as A.
      pose proof (slack_holds (e hi) D Mh r HH Ha) as B. destruct (equality D r).
      + rewrite A, B. unfold between. ring.
      + apply between_nonneg; auto.
  Qed.
End Mix.

Lemma end_bound_sound E D D' o c b M : satisfies E D' M -> end_bound D E D' o c = Some b ->
  evL E M (goal_at E o) + sum c (fun yx => Q2R (fst yx) * evL E M (atoms E D (snd yx))) <= Q2R b.
Proof.
  unfold end_bound. intros HM H. pose proof (combine_sound E D M (goal_at E o) c) as Hc.
  destruct (combine E D (goal_at E o) c) as [T b0]. destruct (largest (leaf E D') T) as [y|] eqn:Hy; [|discriminate].
  inversion H. rewrite qadd_R. apply (largest_sound T (leaf E D') (fun th a => q M a th) (fun th i => t M i th)) in Hy;
    [|intros; eapply (leaf_sound E D' M); eauto].
  unfold evS in Hc. simpl in Hc. lra.
Qed.

Section Ends.
  Variables (E : environment) (slope : nat -> nat -> profile -> Q) (outside_slope : nat -> profile -> Q) (D : design).
  Variables (lo hi x : Q) (s : R) (ends : bool).
  Hypothesis Hs : if ends then 0 <= s <= 1 else 0 < s < 1.
  Hypothesis Hx : Q2R x = (1 - s) * Q2R lo + s * Q2R hi.
  Let e := along E slope outside_slope.
  Let Hs' : 0 <= s <= 1. Proof. destruct ends; lra. Qed.
  Variable M : mechanism.
  Hypothesis HM : satisfies (e x) D M.

  Lemma worth_surplus E' a theta : Q2R (Certificates.worth E' a theta) = Q2R (surplus E' a theta).
  Proof. apply Qeq_eqR, qtotal_eq. Qed.
  Lemma less_at_R E' a b theta : less_at E' a b theta = true -> Q2R (surplus E' a theta) < Q2R (surplus E' b theta).
  Proof. unfold less_at. intros H. apply negb_true_iff, nle_R in H. rewrite !worth_surplus in H. exact H. Qed.
  Lemma le_at_R E' a b theta : Qle_bool (Certificates.worth E' a theta) (Certificates.worth E' b theta) = true ->
    Q2R (surplus E' a theta) <= Q2R (surplus E' b theta).
  Proof. intros H. apply le_R in H. rewrite !worth_surplus in H. exact H. Qed.
  Lemma beaten_sound a theta : beaten E slope outside_slope lo hi ends a theta = true ->
    exists b, In b (outcomes E) /\ Q2R (surplus (e x) a theta) < Q2R (surplus (e x) b theta).
  Proof.
    unfold beaten. intros H. apply existsb_exists in H as (b & Hb & H). exists b. split; auto.
    unfold e. rewrite !(surplus_between E slope outside_slope lo hi x s Hx). unfold between.
    fold (at_lo E slope outside_slope lo) (at_hi E slope outside_slope hi). cbv zeta in H.
    set (sl := Q2R (surplus (at_lo E slope outside_slope lo) a theta)) in *. set (sl' := Q2R (surplus (at_lo E slope outside_slope lo) b theta)) in *.
    set (sh := Q2R (surplus (at_hi E slope outside_slope hi) a theta)) in *. set (sh' := Q2R (surplus (at_hi E slope outside_slope hi) b theta)) in *.
    assert (C : (sl < sl' /\ sh < sh') \/ (ends = false /\ ((sl < sl' /\ sh <= sh') \/ (sh < sh' /\ sl <= sl')))).
    { rewrite orb_true_iff, !andb_true_iff, orb_true_iff, !andb_true_iff, negb_true_iff in H.
      destruct H as [[A B]|[Z [[A B]|[A B]]]]; [left|right|right]; repeat split; auto;
        try (apply less_at_R in A); try (apply less_at_R in B); try (apply le_at_R in B); auto. }
    clear H. destruct C as [[A B]|[Z C]].
    - destruct (Rle_lt_dec s (1/2)).
      + assert ((1 - s) * sl < (1 - s) * sl') by (apply Rmult_lt_compat_l; lra).
        assert (s * sh <= s * sh') by (apply Rmult_le_compat_l; lra). lra.
      + assert ((1 - s) * sl <= (1 - s) * sl') by (apply Rmult_le_compat_l; lra).
        assert (s * sh < s * sh') by (apply Rmult_lt_compat_l; lra). lra.
    - rewrite Z in Hs. destruct C as [[A B]|[A B]].
      + assert ((1 - s) * sl < (1 - s) * sl') by (apply Rmult_lt_compat_l; lra).
        assert (s * sh <= s * sh') by (apply Rmult_le_compat_l; lra). lra.
      + assert ((1 - s) * sl <= (1 - s) * sl') by (apply Rmult_le_compat_l; lra).
        assert (s * sh < s * sh') by (apply Rmult_lt_compat_l; lra). lra.
  Qed.
  Lemma relaxed_holds E' : sizes E' = sizes E -> num_outcomes E' = num_outcomes E ->
    satisfies E' (relaxed E slope outside_slope D lo hi ends) M.
  Proof.
    intros H1 H2. destruct HM as (A & B & C & _).
    assert (HT : Theta E' = Theta E) by (unfold Theta; rewrite H1; reflexivity).
    assert (HO : outcomes E' = outcomes E) by (unfold outcomes; rewrite H2; reflexivity).
    assert (HA : agents E' = agents E) by (unfold agents; rewrite H1; reflexivity).
    refine (conj _ (conj _ (conj _ (conj I (conj I (conj I _)))))).
    - intros th Hth. rewrite HT in Hth. rewrite HO. apply (A th Hth).
    - simpl. destruct (allocation D).
      + exact I.
      + intros th a Hth Ha Hp. rewrite HT in Hth. rewrite HO in Ha. apply negb_true_iff, not_true_is_false. intros Z.
        destruct (beaten_sound a th Z) as (b & Hb & L). pose proof (B th a b Hth Ha Hb Hp). lra.
      + intros th a Hth Ha Hp. rewrite HT in Hth. rewrite HO in Ha. apply (B th a Hth Ha Hp).
      + intros th a Hth Ha. rewrite HT in Hth. rewrite HO in Ha. apply (B th a Hth Ha).
    - intros i th Hi Hth. rewrite HA in Hi. rewrite HT in Hth. apply (C i th Hi Hth).
    - intros r [].
  Qed.

  Lemma bound_between o c l h : forallb (sign_correct (at_lo E slope outside_slope lo) D) c = true ->
    end_bound D (at_lo E slope outside_slope lo) (relaxed E slope outside_slope D lo hi ends) o c = Some l ->
    end_bound D (at_hi E slope outside_slope hi) (relaxed E slope outside_slope D lo hi ends) o c = Some h ->
    match o with Some o => value (e x) o M | None => 0 end <= (1 - s) * Q2R l + s * Q2R h.
  Proof.
    intros Hc Bl Bh.
    apply (end_bound_sound _ _ _ _ _ _ M (relaxed_holds (at_lo E slope outside_slope lo) eq_refl eq_refl)) in Bl.
    apply (end_bound_sound _ _ _ _ _ _ M (relaxed_holds (at_hi E slope outside_slope hi) eq_refl eq_refl)) in Bh.
    assert (G : forall E', evL E' M (goal_at E' o) = match o with Some o => value E' o M | None => 0 end)
      by (intros E'; destruct o; [apply goal_value|reflexivity]).
    rewrite G in Bl, Bh. rewrite forallb_forall in Hc.
    assert (R : forall E', (forall r, asked E' D r = asked (e x) D r) -> sum c (fun yx => Q2R (fst yx) * evL E' M (atoms E' D (snd yx))) =
      sum c (fun yx => Q2R (fst yx) * slack E' D M (snd yx))).
    { intros E' HE. apply sum_ext. intros yx Hyx. rewrite (atoms_slack E' D M); auto. rewrite HE. specialize (Hc yx Hyx).
      unfold sign_correct in Hc. apply andb_true_iff in Hc as [Hc _]. exact Hc. }
    rewrite (R (at_lo E slope outside_slope lo)) in Bl by reflexivity. rewrite (R (at_hi E slope outside_slope hi)) in Bh by reflexivity.
    assert (P : 0 <= sum c (fun yx => Q2R (fst yx) * slack (e x) D M (snd yx))).
    { clear - HM Hc. induction c as [|[y r] c IH]; simpl in *; [lra|]. specialize (IH (fun z Hz => Hc z (or_intror Hz))).
      pose proof (Hc (y, r) (or_introl eq_refl)) as H. unfold sign_correct in H. simpl in H. apply andb_true_iff in H as [H1 H2].
      pose proof (slack_holds (e x) D M r HM H1) as S. destruct (equality D r); [rewrite S; lra|]. simpl in H2. apply le_R in H2.
      rewrite Q2R_zero in H2. pose proof (Rmult_le_pos _ _ H2 S). lra. }
    assert (T : forall i theta, t M i theta = between s (t M i theta) (t M i theta)) by (intros; unfold between; ring).
    assert (S : sum c (fun yx => Q2R (fst yx) * slack (e x) D M (snd yx)) =
      between s (sum c (fun yx => Q2R (fst yx) * slack (at_lo E slope outside_slope lo) D M (snd yx)))
                (sum c (fun yx => Q2R (fst yx) * slack (at_hi E slope outside_slope hi) D M (snd yx)))).
    { rewrite <- sum_between. apply sum_ext. intros yx _. rewrite <- times_between. f_equal.
      apply (slack_between E slope outside_slope D lo hi x s Hx M M M); auto. }
    assert (V : match o with Some o => value (e x) o M | None => 0 end =
      between s (match o with Some o => value (at_lo E slope outside_slope lo) o M | None => 0 end)
                (match o with Some o => value (at_hi E slope outside_slope hi) o M | None => 0 end)).
    { destruct o; [|unfold between; ring]. apply (value_between E slope outside_slope lo hi x s Hx M M M); auto. }
    pose proof (between_le s Hs' _ _ _ _ Bl Bh) as W. rewrite V. unfold between in *. lra.
  Qed.
End Ends.

(** The share of the way from lo to hi. *)
Lemma share lo hi x : apart lo hi = true -> (lo <= x)%Q -> (x <= hi)%Q ->
  exists s, 0 <= s <= 1 /\ Q2R x = (1 - s) * Q2R lo + s * Q2R hi /\ ((lo < x)%Q -> 0 < s) /\ ((x < hi)%Q -> s < 1).
Proof.
  unfold apart. intros H L R. apply negb_true_iff, nle_R in H. apply Qle_Rle in L, R.
  exists ((Q2R x - Q2R lo) / (Q2R hi - Q2R lo)). assert (P : 0 < / (Q2R hi - Q2R lo)) by (apply Rinv_0_lt_compat; lra).
  assert (A : (Q2R x - Q2R lo) / (Q2R hi - Q2R lo) = 1 - (Q2R hi - Q2R x) / (Q2R hi - Q2R lo)) by (field; lra).
  assert (N : 0 <= (Q2R x - Q2R lo) / (Q2R hi - Q2R lo)) by (apply Rmult_le_pos; lra).
  assert (N' : 0 <= (Q2R hi - Q2R x) / (Q2R hi - Q2R lo)) by (apply Rmult_le_pos; lra).
  repeat split; try lra.
  - field. lra.
  - intros S. apply Qlt_Rlt in S. apply Rmult_lt_0_compat; lra.
  - intros S. apply Qlt_Rlt in S. assert (0 < (Q2R hi - Q2R x) / (Q2R hi - Q2R lo)) by (apply Rmult_lt_0_compat; lra). lra.
Qed.

(** ** For the files of answers *)
Section Answers.
  Variables (E : environment) (slope : nat -> nat -> profile -> Q) (outside_slope : nat -> profile -> Q) (D : design).
  Variable asks : Q -> mechanism -> Prop.
  Hypothesis same : forall x M, asks x M <-> satisfies (along E slope outside_slope x) D M.
  Variables (lo hi : Q).

  Lemma none_between c : refutes_between E slope outside_slope D lo hi c = true ->
    forall x, (lo < x)%Q -> (x < hi)%Q -> ~ exists M, asks x M.
  Proof.
    unfold refutes_between. rewrite !andb_true_iff. intros [[HA HC] H] x L R (M & HM). apply same in HM.
    destruct (end_bound D (at_lo _ _ _ _) _ None c) as [l|] eqn:Bl; [|discriminate].
    destruct (end_bound D (at_hi _ _ _ _) _ None c) as [h|] eqn:Bh; [|discriminate].
    destruct (share lo hi x HA (Qlt_le_weak _ _ L) (Qlt_le_weak _ _ R)) as (s & Hs & Hx & S1 & S2). specialize (S1 L). specialize (S2 R).
    pose proof (bound_between E slope outside_slope D lo hi x s false (conj S1 S2) Hx M HM None c l h HC Bl Bh) as B. simpl in B.
    rewrite !andb_true_iff in H. destruct H as [[H1 H2] H3]. apply le_R in H1, H2. rewrite Q2R_zero in H1, H2.
    apply negb_true_iff, andb_false_iff in H3.
    assert (A1 : (1 - s) * Q2R l <= (1 - s) * 0) by (apply Rmult_le_compat_l; lra).
    assert (A2 : s * Q2R h <= s * 0) by (apply Rmult_le_compat_l; lra).
    destruct H3 as [H3|H3]; apply nle_R in H3; rewrite Q2R_zero in H3.
    - assert ((1 - s) * Q2R l < (1 - s) * 0) by (apply Rmult_lt_compat_l; lra). lra.
    - assert (s * Q2R h < s * 0) by (apply Rmult_lt_compat_l; lra). lra.
  Qed.

  Definition mixed (s : R) (f g h : nat -> profile -> Q) : mechanism :=
    {| q := fun a theta => Q2R (f a theta); t := fun i theta => between s (g i theta) (h i theta) |}.
  Lemma some_between f g h : passes_between E slope outside_slope D lo hi f g h = true ->
    forall x, (lo <= x)%Q -> (x <= hi)%Q -> exists M, asks x M.
  Proof.
    unfold passes_between. rewrite !andb_true_iff. intros [[HA Hl] Hh] x L R.
    destruct (share lo hi x HA L R) as (s & Hs & Hx & _). exists (mixed s f g h). apply same.
    apply (satisfies_between E slope outside_slope D lo hi x s Hs Hx (of_tables (f, g)) (of_tables (f, h)) (mixed s f g h)); try reflexivity.
    - apply passes_sound, Hl.
    - apply passes_sound, Hh.
  Qed.

  Variables (o : objective) (worth : Q -> mechanism -> R) (v w : Q).
  Lemma reached_between f g h : (forall x M, value (along E slope outside_slope x) o M = worth x M) ->
    attains_between E slope outside_slope D lo hi f g h o v w = true ->
    forall x, (lo <= x)%Q -> (x <= hi)%Q -> exists M, asks x M /\ worth x M = Q2R v + Q2R w * Q2R x.
  Proof.
    intros Hw H. unfold attains_between in H. rewrite !andb_true_iff in H. destruct H as [[H Vl] Vh]. intros x L R.
    unfold passes_between in H. rewrite !andb_true_iff in H. destruct H as [[HA Hl] Hh].
    destruct (share lo hi x HA L R) as (s & Hs & Hx & _). exists (mixed s f g h). split.
    - apply same.
      apply (satisfies_between E slope outside_slope D lo hi x s Hs Hx (of_tables (f, g)) (of_tables (f, h)) (mixed s f g h)); try reflexivity.
      + apply passes_sound, Hl.
      + apply passes_sound, Hh.
    - rewrite <- Hw.
      rewrite (value_between E slope outside_slope lo hi x s Hx (of_tables (f, g)) (of_tables (f, h)) (mixed s f g h)); try reflexivity.
      apply eq_R in Vl, Vh. rewrite at_form_R, goal_value, qadd_R, qmul_R in Vl, Vh. unfold at_lo in Vl. unfold at_hi in Vh.
      rewrite Vl, Vh, Hx. unfold between. ring.
  Qed.
  Lemma below_between_ends c : bounds_between E slope outside_slope D lo hi true o v w c = true ->
    forall x M, (lo <= x)%Q -> (x <= hi)%Q -> asks x M -> value (along E slope outside_slope x) o M <= Q2R v + Q2R w * Q2R x.
  Proof.
    unfold bounds_between. rewrite !andb_true_iff. intros [[HA HC] H] x M L R HM. apply same in HM.
    destruct (end_bound D (at_lo _ _ _ _) _ (Some o) c) as [l|] eqn:Bl; [|discriminate].
    destruct (end_bound D (at_hi _ _ _ _) _ (Some o) c) as [h|] eqn:Bh; [|discriminate].
    destruct (share lo hi x HA L R) as (s & Hs & Hx & _).
    pose proof (bound_between E slope outside_slope D lo hi x s true Hs Hx M HM (Some o) c l h HC Bl Bh) as B. simpl in B.
    apply andb_true_iff in H as [H1 H2]. apply le_R in H1, H2. rewrite qadd_R, qmul_R in H1, H2.
    pose proof (between_le s Hs _ _ _ _ H1 H2) as W. rewrite Hx. unfold between in W. lra.
  Qed.
  Lemma below_between_open c : bounds_between E slope outside_slope D lo hi false o v w c = true ->
    forall x M, (lo < x)%Q -> (x < hi)%Q -> asks x M -> value (along E slope outside_slope x) o M <= Q2R v + Q2R w * Q2R x.
  Proof.
    unfold bounds_between. rewrite !andb_true_iff. intros [[HA HC] H] x M L R HM. apply same in HM.
    destruct (end_bound D (at_lo _ _ _ _) _ (Some o) c) as [l|] eqn:Bl; [|discriminate].
    destruct (end_bound D (at_hi _ _ _ _) _ (Some o) c) as [h|] eqn:Bh; [|discriminate].
    destruct (share lo hi x HA (Qlt_le_weak _ _ L) (Qlt_le_weak _ _ R)) as (s & Hs & Hx & S1 & S2). specialize (S1 L). specialize (S2 R).
    pose proof (bound_between E slope outside_slope D lo hi x s false (conj S1 S2) Hx M HM (Some o) c l h HC Bl Bh) as B. simpl in B.
    apply andb_true_iff in H as [H1 H2]. apply le_R in H1, H2. rewrite qadd_R, qmul_R in H1, H2.
    pose proof (between_le s Hs _ _ _ _ H1 H2) as W. rewrite Hx. unfold between in W. lra.
  Qed.
  Lemma at_most_between_ends c : (forall x M, value (along E slope outside_slope x) o M = worth x M) ->
    bounds_between E slope outside_slope D lo hi true o v w c = true ->
    forall x, (lo <= x)%Q -> (x <= hi)%Q -> forall M, asks x M -> worth x M <= Q2R v + Q2R w * Q2R x.
  Proof. intros Hw H x L R M HM. rewrite <- Hw. apply (below_between_ends c H x M L R HM). Qed.
  Lemma at_most_between c : (forall x M, value (along E slope outside_slope x) o M = worth x M) ->
    bounds_between E slope outside_slope D lo hi false o v w c = true ->
    forall x, (lo < x)%Q -> (x < hi)%Q -> forall M, asks x M -> worth x M <= Q2R v + Q2R w * Q2R x.
  Proof. intros Hw H x L R M HM. rewrite <- Hw. apply (below_between_open c H x M L R HM). Qed.
End Answers.
