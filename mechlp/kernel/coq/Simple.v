(** Trade at prices by risk-averse traders, through simple mechanisms (Copic and Ponsati 2006, Proposition 13): of a distribution over
    prices, trade at its mean price between cost and value, with a chance that is a power of its mass there. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Reals Lra Lia.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

(** * Definitions *)

Record market := {
  costs : list Q;                (* the seller's types *)
  values : list Q;               (* the buyer's types *)
  prices : list Q;
  power : Q;                     (* a trader's utility is this power of what she gains, in (0, 1]; 1 is risk neutral *)
  odds : profile -> Q;           (* the prior *)
  seller_weight : profile -> Q;  (* welfare weights *)
  buyer_weight : profile -> Q
}.
Inductive trader := Seller | Buyer.

(** x to the power g; nothing where nothing is gained. *)
Definition raised (g : Q) (x : R) : R := if Rle_dec x 0 then 0 else Rpower x (Q2R g).

Section Definitions.
  Variable K : market.
  Definition price (p : nat) : Q := nth p (prices K) 0%Q.
  Definition all_prices : list nat := seq 0 (length (prices K)).
  Definition cost (theta : profile) : Q := nth (type_of theta 0) (costs K) 0%Q.
  Definition worth_to_buyer (theta : profile) : Q := nth (type_of theta 1) (values K) 0%Q.
  Definition type_grid : list profile := grid [length (costs K); length (values K)].
  (** Prices from which neither trader loses. *)
  Definition inside (theta : profile) (p : nat) : bool := Qle_bool (cost theta) (price p) && Qle_bool (price p) (worth_to_buyer theta).
  Definition between (theta : profile) : list nat := filter (inside theta) all_prices.
  Definition gain (i : trader) (theta : profile) (x : R) : R :=
    match i with Seller => x - Q2R (cost theta) | Buyer => Q2R (worth_to_buyer theta) - x end.
  Definition number_of (i : trader) : nat := match i with Seller => 0%nat | Buyer => 1%nat end.
  Definition types_of (i : trader) : list nat := seq 0 (length (match i with Seller => costs K | Buyer => values K end)).
  Definition stake (i : trader) (theta : profile) : Q :=
    (odds K theta * match i with Seller => seller_weight K theta | Buyer => buyer_weight K theta end)%Q.

  (** The probability of each price. *)
  Variable F : nat -> R.
  Definition is_lottery : Prop := (forall p, In p all_prices -> 0 <= F p) /\ sum all_prices F = 1.
  Definition mass_between (theta : profile) : R := Σ p ∈ between theta, F p.
  Definition mean_price (theta : profile) : R := (Σ p ∈ between theta, F p * Q2R (price p)) / mass_between theta.
  Definition chance_of_trade (theta : profile) : R := raised (power K) (mass_between theta).
  (** Of a trader of her type in [theta] who reports r; trade from which she would lose she vetoes. *)
  Definition utility_of (i : trader) (theta : profile) (r : nat) : R :=
    let told := report theta (number_of i) r in chance_of_trade told * raised (power K) (gain i theta (mean_price told)).
  Definition truth_of (i : trader) (theta : profile) : R := utility_of i theta (type_of theta (number_of i)).

  Definition simple_IC : Prop := forall i theta r, In theta type_grid -> In r (types_of i) -> truth_of i theta >= utility_of i theta r.
  Definition nobody_loses : Prop := forall i theta, In theta type_grid -> 0 < chance_of_trade theta -> 0 <= gain i theta (mean_price theta).
  Definition expected_welfare : R :=
    Σ theta ∈ type_grid, Q2R (stake Seller theta) * truth_of Seller theta + Q2R (stake Buyer theta) * truth_of Buyer theta.
End Definitions.

(** Data are a market: a power in (0, 1], a prior, and weights that are not negative. *)
Definition is_market (K : market) : Prop := (0 < power K)%Q /\ (power K <= 1)%Q /\
  (forall theta, In theta (type_grid K) -> (0 <= odds K theta)%Q /\ (0 <= seller_weight K theta)%Q /\ (0 <= buyer_weight K theta)%Q) /\
  (qsum (type_grid K) (odds K) == 1)%Q.

(** One function for each trader. *)
Definition both (seller buyer : profile -> Q) (i : trader) : profile -> Q := match i with Seller => seller | Buyer => buyer end.

(** * The checker *)

Fixpoint qpow (x : Q) (n : nat) : Q := match n with O => 1%Q | S m => qmul x (qpow x m) end.
Definition top (g : Q) : nat := Z.to_nat (Qnum g).
Definition root (g : Q) : nat := Pos.to_nat (Qden g).

Section Checker.
  Variable K : market.
  Definition market_fine : bool :=
    negb (Qle_bool (power K) 0) && Qle_bool (power K) 1 &&
    forallb (fun theta => Qle_bool 0 (odds K theta) && Qle_bool 0 (seller_weight K theta) && Qle_bool 0 (buyer_weight K theta)) (type_grid K) &&
    Qeq_bool (qtotal (type_grid K) (odds K)) 1.
  Definition lottery_fine (F : nat -> Q) : bool :=
    forallb (fun p => Qle_bool 0 (F p)) (all_prices K) && Qeq_bool (qtotal (all_prices K) F) 1.
  Definition gain_at (i : trader) (theta : profile) (x : Q) : Q :=
    match i with Seller => qadd x (Qopp (cost K theta)) | Buyer => qadd (worth_to_buyer K theta) (Qopp x) end.
  Definition moment (F : nat -> Q) (i : trader) (theta : profile) : Q :=
    qtotal (all_prices K) (fun p => let c := F p in
      if Qeq_bool c 0 then 0%Q else if inside K theta p then qmul c (gain_at i theta (price K p)) else 0%Q).

  (** Lower ends of the traders' utilities. *)
  Definition below (F : nat -> Q) (low : trader -> profile -> Q) (i : trader) (theta : profile) : bool :=
    let l := low i theta in
    Qle_bool 0 l && Qle_bool (qpow l (root (power K))) (qpow (moment F i theta) (top (power K))).
  Definition welfare_at_least (F : nat -> Q) (low : trader -> profile -> Q) (v : Q) : bool :=
    market_fine && lottery_fine F && forallb (fun theta => below F low Seller theta && below F low Buyer theta) (type_grid K) &&
    Qle_bool v (qtotal (type_grid K) (fun theta =>
      qadd (qmul (stake K Seller theta) (low Seller theta)) (qmul (stake K Buyer theta) (low Buyer theta)))).

  (** Tangents of the power: x^g <= (1-g) P + g T x where P^(1-g) T^g >= 1. *)
  Definition touches (P T : Q) : bool :=
    negb (Qle_bool P 0) && negb (Qle_bool T 0) &&
    Qle_bool 1 (qmul (qpow P (root (power K) - top (power K))) (qpow T (top (power K)))).
  (** What a profile adds to the slope at a price, as a line in the price: cost, value, slope, constant. *)
  Definition line := (Q * Q * Q * Q)%type.
  Definition line_at (T : trader -> profile -> Q) (theta : profile) : line :=
    let c := cost K theta in let v := worth_to_buyer K theta in
    let s := qmul (stake K Seller theta) (T Seller theta) in let b := qmul (stake K Buyer theta) (T Buyer theta) in
    (c, v, qadd s (Qopp b), qadd (qmul b v) (Qopp (qmul s c))).
  Definition meets (x : Q) (l : line) : bool := let '(c, v, _, _) := l in Qle_bool c x && Qle_bool x v.
  Definition slope (lines : list line) (x : Q) : Q :=
    let on := filter (meets x) lines in
    qadd (qmul x (qtotal on (fun l => let '(_, _, d, _) := l in d))) (qtotal on (fun l => let '(_, _, _, e) := l in e)).
  Definition welfare_at_most (P T : trader -> profile -> Q) (s v : Q) : bool :=
    market_fine && forallb (fun theta => touches (P Seller theta) (T Seller theta) && touches (P Buyer theta) (T Buyer theta)) (type_grid K) &&
    (let lines := map (line_at T) (type_grid K) in forallb (fun p => Qle_bool (slope lines (price K p)) s) (all_prices K)) &&
    Qle_bool (qadd (qmul (qadd 1 (Qopp (power K))) (qtotal (type_grid K) (fun theta =>
      qadd (qmul (stake K Seller theta) (P Seller theta)) (qmul (stake K Buyer theta) (P Buyer theta))))) (qmul (power K) s)) v.
End Checker.

(** * Soundness *)
Arguments Q2R : simpl never.

Lemma sum_filter {X} (p : X -> bool) l f : sum (filter p l) f = sum l (fun x => if p x then f x else 0).
Proof. induction l as [|x l IH]; simpl; auto. destruct (p x); simpl; rewrite IH; lra. Qed.
Lemma sum_nonneg {X} (l : list X) f : (forall x, In x l -> 0 <= f x) -> 0 <= sum l f.
Proof.
  induction l as [|x l IH]; simpl; intros H; [lra|]. pose proof (H x (or_introl eq_refl)).
  assert (0 <= sum l f) by (apply IH; auto). lra.
Qed.
Lemma sum_zero {X} (l : list X) f : (forall x, In x l -> 0 <= f x) -> sum l f <= 0 -> forall x, In x l -> f x = 0.
Proof.
  induction l as [|y l IH]; simpl; intros H Hs x Hx; [tauto|]. pose proof (H y (or_introl eq_refl)).
  assert (0 <= sum l f) by (apply sum_nonneg; auto).
  destruct Hx as [->|Hx]; [lra|]. apply IH; auto. lra.
Qed.
Lemma sum_swap {X Y} (l : list X) (l' : list Y) (f : X -> Y -> R) :
  sum l (fun x => sum l' (f x)) = sum l' (fun y => sum l (fun x => f x y)).
Proof.
  induction l as [|x l IH]; simpl.
  - induction l'; simpl; lra.
  - rewrite IH, <- sum_plus. reflexivity.
Qed.
Lemma qpow_R x n : Q2R (qpow x n) = Q2R x ^ n.
Proof. induction n; simpl; [apply Q2R_one|]. rewrite qmul_R, IHn. reflexivity. Qed.

Lemma raised_nonneg g x : 0 <= raised g x.
Proof. unfold raised. destruct (Rle_dec x 0); [lra|]. apply Rlt_le, exp_pos. Qed.
Lemma raised_monotone g x y : 0 <= Q2R g -> x <= y -> raised g x <= raised g y.
Proof.
  intros Hg H. unfold raised. destruct (Rle_dec x 0), (Rle_dec y 0); try lra.
  - apply Rlt_le, exp_pos.
  - apply Rle_Rpower_l; lra.
Qed.
Lemma raised_times g x y : 0 <= x -> raised g x * raised g y = raised g (x * y).
Proof.
  intros Hx. unfold raised. destruct (Rle_dec x 0), (Rle_dec y 0).
  - replace x with 0 by lra. destruct (Rle_dec (0 * y) 0); lra.
  - replace x with 0 by lra. destruct (Rle_dec (0 * y) 0); lra.
  - destruct (Rle_dec (x * y) 0) as [|H]; [lra|]. exfalso. apply H.
    rewrite <- (Rmult_0_r x). apply Rmult_le_compat_l; lra.
  - destruct (Rle_dec (x * y) 0) as [H|].
    + assert (0 < x * y) by (apply Rmult_lt_0_compat; lra). lra.
    + apply Rpower_mult_distr; lra.
Qed.
Lemma ln_below z : 0 < z -> ln z <= z - 1.
Proof.
  intros Hz. pose proof (exp_ineq1_le (ln z)) as H. rewrite exp_ln in H; lra.
Qed.
Lemma of_log a b x y : 0 < x -> 0 < y -> 1 <= x ^ a * y ^ b -> 0 <= INR a * ln x + INR b * ln y.
Proof.
  intros Hx Hy H. rewrite <- !Rpower_pow in H; auto. unfold Rpower in H. rewrite <- exp_plus in H.
  destruct (Rle_dec 0 (INR a * ln x + INR b * ln y)) as [|N]; auto.
  assert (L : exp (INR a * ln x + INR b * ln y) < exp 0) by (apply exp_increasing; lra). rewrite exp_0 in L. lra.
Qed.

(** Powers as fractions. *)
Lemma power_R g : (0 < g)%Q -> Q2R g * INR (root g) = INR (top g) /\ 0 < INR (root g).
Proof.
  intros H. destruct g as [n d]. unfold Qlt in H. simpl in H. unfold root, top, Q2R. cbn [Qnum Qden].
  rewrite !INR_IZR_INZ, Z2Nat.id, positive_nat_Z by lia.
  assert (0 < IZR (Zpos d)) by (apply IZR_lt; reflexivity). split; [field; lra|auto].
Qed.
Lemma power_le_root g : (0 < g)%Q -> (g <= 1)%Q -> (top g <= root g)%nat.
Proof.
  intros H0 H. destruct g as [n d]. unfold Qle, Qlt in *. simpl in *. unfold root, top. cbn [Qnum Qden].
  apply Nat2Z.inj_le. rewrite Z2Nat.id, positive_nat_Z by lia. lia.
Qed.

Lemma tangent g P T y : (0 < g)%Q -> (g <= 1)%Q -> 0 < P -> 0 < T -> 1 <= P ^ (root g - top g) * T ^ (top g) -> 0 <= y ->
  raised g y <= (1 - Q2R g) * P + Q2R g * (T * y).
Proof.
  intros Hg Hg1 HP HT H Hy. destruct (power_R g Hg) as [HR HR0]. pose proof (power_le_root g Hg Hg1) as Hle.
  apply of_log in H; auto. rewrite minus_INR in H by auto.
  apply Qlt_Rlt in Hg. apply Qle_Rle in Hg1. rewrite Q2R_zero in Hg. rewrite Q2R_one in Hg1.
  set (h := Q2R g) in *. rewrite <- HR in H.
  assert (L : 0 <= (1 - h) * ln P + h * ln T).
  { apply Rmult_le_reg_l with (INR (root g)); auto. rewrite Rmult_0_r.
    replace (INR (root g) * ((1 - h) * ln P + h * ln T)) with ((INR (root g) - h * INR (root g)) * ln P + h * INR (root g) * ln T) by ring. auto. }
  unfold raised. fold h. destruct (Rle_dec y 0) as [|Hn].
  - assert (0 <= (1 - h) * P) by (apply Rmult_le_pos; lra). assert (0 <= h * (T * y)) by (apply Rmult_le_pos; [lra|apply Rmult_le_pos; lra]). lra.
  - assert (Y : 0 < T * y) by (apply Rmult_lt_0_compat; lra).
    set (W := (1 - h) * P + h * (T * y)).
    assert (HW : 0 < W).
    { unfold W. assert (0 <= (1 - h) * P) by (apply Rmult_le_pos; lra).
      assert (0 < h * (T * y)) by (apply Rmult_lt_0_compat; lra). lra. }
    assert (I1 : ln (P / W) <= P / W - 1) by (apply ln_below, Rdiv_lt_0_compat; auto).
    assert (I2 : ln (T * y / W) <= T * y / W - 1) by (apply ln_below, Rdiv_lt_0_compat; auto).
    unfold Rdiv in I1, I2. assert (V : 0 < / W) by (apply Rinv_0_lt_compat; auto).
    rewrite ln_mult, ln_Rinv in I1; auto. rewrite ln_mult, ln_Rinv, ln_mult in I2; auto; [|lra].
    assert (J : h * ln y <= ln W).
    { assert (A : (1 - h) * (ln P + - ln W) <= (1 - h) * (P * / W - 1)) by (apply Rmult_le_compat_l; lra).
      assert (B : h * (ln T + ln y + - ln W) <= h * (T * y * / W - 1)) by (apply Rmult_le_compat_l; lra).
      assert (S : (1 - h) * (P * / W - 1) + h * (T * y * / W - 1) = 0).
      { replace ((1 - h) * (P * / W - 1) + h * (T * y * / W - 1)) with (W * / W - 1) by (unfold W; ring).
        rewrite Rinv_r; lra. }
      lra. }
    unfold Rpower. rewrite <- (exp_ln W HW). destruct J as [J|J]; [apply Rlt_le, exp_increasing, J|rewrite J; lra].
Qed.
Lemma beneath g l y : (0 < g)%Q -> 0 <= l -> l ^ (root g) <= y ^ (top g) -> 0 <= y -> l <= raised g y.
Proof.
  intros Hg Hl H Hy. destruct (power_R g Hg) as [HR HR0].
  destruct (Req_dec l 0) as [->|Hn]; [apply raised_nonneg|]. assert (L : 0 < l) by lra. clear Hn Hl.
  assert (T : top g <> 0%nat).
  { destruct g as [n d]. unfold Qlt in Hg. unfold top. simpl in *. lia. }
  assert (Y : 0 < y).
  { destruct (Req_dec y 0) as [->|]; [|lra]. rewrite pow_i in H by lia. assert (0 < l ^ root g) by (apply pow_lt; auto). lra. }
  unfold raised. destruct (Rle_dec y 0); [lra|].
  rewrite <- !Rpower_pow in H; auto. unfold Rpower in *.
  assert (J : INR (root g) * ln l <= INR (top g) * ln y).
  { destruct (Rle_dec (INR (root g) * ln l) (INR (top g) * ln y)) as [|N]; auto.
    assert (exp (INR (top g) * ln y) < exp (INR (root g) * ln l)) by (apply exp_increasing; lra). lra. }
  rewrite <- HR in J.
  assert (J' : ln l <= Q2R g * ln y).
  { apply Rmult_le_reg_l with (INR (root g)); auto. lra. }
  rewrite <- (exp_ln l L) at 1. destruct J' as [J'|J']; [apply Rlt_le, exp_increasing, J'|rewrite J'; lra].
Qed.

Section Soundness.
  Variables (K : market) (F : nat -> R).
  Hypothesis HF : is_lottery K F.
  Hypothesis HG : 0 <= Q2R (power K).

  Definition moment_R (i : trader) (theta : profile) : R :=
    sum (all_prices K) (fun p => if inside K theta p then F p * gain K i theta (Q2R (price K p)) else 0).

  Lemma mass_nonneg theta : 0 <= mass_between K F theta.
  Proof. apply sum_nonneg. intros p Hp. apply filter_In in Hp as [Hp _]. apply HF, Hp. Qed.
  Lemma mass_times_gain i theta at_ :
    mass_between K F at_ * gain K i theta (mean_price K F at_) =
    sum (all_prices K) (fun p => if inside K at_ p then F p * gain K i theta (Q2R (price K p)) else 0).
  Proof.
    rewrite <- sum_filter. fold (between K at_).
    assert (G : sum (between K at_) (fun p => F p * gain K i theta (Q2R (price K p))) =
      match i with Seller => sum (between K at_) (fun p => F p * Q2R (price K p)) - Q2R (cost K theta) * mass_between K F at_
                 | Buyer => Q2R (worth_to_buyer K theta) * mass_between K F at_ - sum (between K at_) (fun p => F p * Q2R (price K p)) end).
    { unfold mass_between. destruct i; simpl; rewrite <- sum_times, sum_minus; apply sum_ext; intros p _; ring. }
    rewrite G. clear G. unfold mean_price.
    destruct (Req_dec (mass_between K F at_) 0) as [Z|Z].
    - assert (S : sum (between K at_) (fun p => F p * Q2R (price K p)) = 0).
      { rewrite (sum_ext _ _ (fun p => 0 * 0)); [rewrite sum_times; ring|]. intros p Hp.
        rewrite (sum_zero (between K at_) F) with (x := p); auto; [ring| |].
        - intros x Hx. apply filter_In in Hx as [Hx _]. apply HF, Hx.
        - apply Req_le. exact Z. }
      rewrite S, Z. destruct i; ring.
    - destruct i; simpl; field; auto.
  Qed.
  Lemma gain_inside i theta p : inside K theta p = true -> 0 <= gain K i theta (Q2R (price K p)).
  Proof.
    unfold inside. intros H. apply andb_true_iff in H as [H1 H2]. apply le_R in H1, H2. destruct i; simpl; lra.
  Qed.
  Lemma utility_moment i theta : In theta (type_grid K) -> truth_of K F i theta = raised (power K) (moment_R i theta).
  Proof.
    intros Ht. unfold truth_of, utility_of. cbv zeta.
    assert (E : report theta (number_of i) (type_of theta (number_of i)) = theta).
    { apply valid_grid in Ht. destruct theta as [|k [|l [|]]]; simpl in Ht;
        rewrite ?andb_false_r in Ht; try discriminate. destruct i; reflexivity. }
    rewrite E. unfold chance_of_trade. rewrite raised_times by apply mass_nonneg. rewrite mass_times_gain. reflexivity.
  Qed.
  Lemma moment_nonneg i theta : 0 <= moment_R i theta.
  Proof.
    apply sum_nonneg. intros p Hp. destruct (inside K theta p) eqn:H; [|lra].
    apply Rmult_le_pos; [apply HF, Hp|apply gain_inside, H].
  Qed.

  (** Proposition 13: simple mechanisms are incentive compatible on every grid. *)
  Theorem simple_is_IC : simple_IC K F.
  Proof.
    intros i theta r Ht Hr. rewrite utility_moment by auto. apply Rle_ge. unfold utility_of. cbv zeta.
    set (at_ := report theta (number_of i) r). unfold chance_of_trade. rewrite raised_times by apply mass_nonneg.
    apply raised_monotone; auto. rewrite mass_times_gain. unfold moment_R. apply sum_le. intros p Hp.
    assert (0 <= F p) by (apply HF, Hp).
    destruct (inside K theta p) eqn:H1, (inside K at_ p) eqn:H2; try lra.
    - apply Rmult_le_pos; auto. apply gain_inside, H1.
    - assert (gain K i theta (Q2R (price K p)) <= 0).
      { apply valid_grid in Ht. destruct theta as [|k [|l [|]]]; simpl in Ht; rewrite ?andb_false_r in Ht; try discriminate.
        unfold at_, inside, cost, worth_to_buyer, type_of in *.
        destruct i; simpl in *; apply andb_true_iff in H2 as [H2 H3]; apply andb_false_iff in H1 as [H1|H1]; try congruence;
          apply nle_R in H1; unfold gain, cost, worth_to_buyer, type_of; simpl; lra. }
      replace 0 with (F p * 0) by ring. apply Rmult_le_compat_l; auto.
  Qed.
  Theorem simple_loses_nothing : nobody_loses K F.
  Proof.
    intros i theta Ht H.
    assert (P : 0 < mass_between K F theta).
    { unfold chance_of_trade, raised in H. destruct (Rle_dec (mass_between K F theta) 0); lra. }
    pose proof (moment_nonneg i theta) as N. unfold moment_R in N. rewrite <- mass_times_gain in N.
    destruct (Rle_dec 0 (gain K i theta (mean_price K F theta))) as [|G]; auto. exfalso.
    assert (mass_between K F theta * gain K i theta (mean_price K F theta) < mass_between K F theta * 0)
      by (apply Rmult_lt_compat_l; lra). lra.
  Qed.
End Soundness.

Lemma market_fine_sound K : market_fine K = true -> is_market K.
Proof.
  unfold market_fine. rewrite !andb_true_iff, forallb_forall. intros [[[H1 H2] H3] H4]. repeat split.
  - apply negb_true_iff in H1. apply Qnot_le_lt. intros H. apply Qle_bool_iff in H. congruence.
  - apply Qle_bool_iff, H2.
  - specialize (H3 theta H). rewrite !andb_true_iff in H3. apply Qle_bool_iff, H3.
  - specialize (H3 theta H). rewrite !andb_true_iff in H3. apply Qle_bool_iff, H3.
  - specialize (H3 theta H). rewrite !andb_true_iff in H3. apply Qle_bool_iff, H3.
  - apply Qeq_bool_iff in H4. rewrite <- qtotal_eq. exact H4.
Qed.
Lemma lottery_fine_sound K F : lottery_fine K F = true -> is_lottery K (fun p => Q2R (F p)).
Proof.
  unfold lottery_fine. rewrite andb_true_iff, forallb_forall. intros [H1 H2]. split.
  - intros p Hp. rewrite <- Q2R_zero. apply le_R, H1, Hp.
  - rewrite <- qtotal_R, (eq_R _ _ H2). apply Q2R_one.
Qed.
Lemma power_nonneg K : is_market K -> 0 <= Q2R (power K).
Proof. intros (H & _). apply Qlt_Rlt in H. rewrite Q2R_zero in H. lra. Qed.
Lemma stake_nonneg K i theta : is_market K -> In theta (type_grid K) -> 0 <= Q2R (stake K i theta).
Proof.
  intros (_ & _ & H & _) Ht. destruct (H theta Ht) as (H1 & H2 & H3). apply Qle_Rle in H1, H2, H3. rewrite Q2R_zero in *.
  unfold stake. rewrite Q2R_mult. destruct i; apply Rmult_le_pos; auto.
Qed.
Lemma gain_at_R K i theta x : Q2R (gain_at K i theta x) = gain K i theta (Q2R x).
Proof. destruct i; simpl; rewrite qadd_R, Q2R_opp; ring. Qed.
Lemma moment_eq K F i theta : Q2R (moment K F i theta) = moment_R K (fun p => Q2R (F p)) i theta.
Proof.
  unfold moment, moment_R. rewrite qtotal_R. apply sum_ext. intros p _. cbv zeta.
  destruct (Qeq_bool (F p) 0) eqn:Z.
  - apply eq_R in Z. rewrite Q2R_zero in *. rewrite Z. destruct (inside K theta p); ring.
  - destruct (inside K theta p); [|apply Q2R_zero]. rewrite qmul_R, gain_at_R. reflexivity.
Qed.

Lemma slope_R K T p : Q2R (slope (map (line_at K T) (type_grid K)) (price K p)) =
  sum (type_grid K) (fun theta => if inside K theta p then
    Q2R (stake K Seller theta) * Q2R (T Seller theta) * gain K Seller theta (Q2R (price K p)) +
    Q2R (stake K Buyer theta) * Q2R (T Buyer theta) * gain K Buyer theta (Q2R (price K p)) else 0).
Proof.
  unfold slope. cbv zeta. rewrite qadd_R, qmul_R, !qtotal_R, !sum_filter, !sum_map, <- sum_times, <- sum_plus.
  apply sum_ext. intros theta _. unfold line_at, meets, inside. cbv zeta.
  destruct (Qle_bool (cost K theta) (price K p) && Qle_bool (price K p) (worth_to_buyer K theta)); [|ring].
  rewrite !qadd_R, !Q2R_opp, !qmul_R. simpl. ring.
Qed.

(** ** For the files of answers *)
Section Answers.
  Variables (K : market) (asks : (nat -> R) -> Prop).
  Hypothesis same : forall F, asks F <-> is_lottery K F /\ simple_IC K F /\ nobody_loses K F.

  Lemma fulfils F : is_market K -> is_lottery K F -> asks F.
  Proof.
    intros HK HF. apply same. split; [|split]; auto.
    - apply simple_is_IC; auto. apply power_nonneg, HK.
    - apply simple_loses_nothing; auto.
  Qed.
  Lemma given_fulfils F : market_fine K && lottery_fine K F = true -> asks (fun p => Q2R (F p)).
  Proof.
    intros H. apply andb_true_iff in H as [H1 H2]. apply fulfils; [apply market_fine_sound, H1|apply lottery_fine_sound, H2].
  Qed.
  Lemma one_worth v x F low : Q2R v = x -> welfare_at_least K F low v = true -> exists F, asks F /\ x <= expected_welfare K F.
  Proof.
    intros <- H. unfold welfare_at_least in H. rewrite !andb_true_iff, forallb_forall in H. destruct H as [[[H1 H2] H3] H4].
    apply market_fine_sound in H1. apply lottery_fine_sound in H2. exists (fun p => Q2R (F p)). split; [apply fulfils; auto|].
    apply le_R in H4. rewrite qtotal_R in H4. apply Rle_trans with (1 := H4). apply sum_le. intros theta Ht.
    specialize (H3 theta Ht). apply andb_true_iff in H3 as [HS HB].
    assert (L : forall i, below K F low i theta = true -> Q2R (low i theta) <= truth_of K (fun p => Q2R (F p)) i theta).
    { intros i Hb. unfold below in Hb. cbv zeta in Hb. apply andb_true_iff in Hb as [B1 B2]. apply le_R in B1, B2.
      rewrite Q2R_zero in B1. rewrite !qpow_R, moment_eq in B2. rewrite utility_moment; auto.
      apply beneath; auto; [apply H1|apply moment_nonneg; auto]. }
    rewrite qadd_R, !qmul_R. apply Rplus_le_compat; apply Rmult_le_compat_l; auto; apply stake_nonneg; auto.
  Qed.
  Lemma none_worth_more v x P T s : Q2R v = x -> welfare_at_most K P T s v = true -> forall F, asks F -> expected_welfare K F <= x.
  Proof.
    intros <- H F HF. apply same in HF as (HF & _). unfold welfare_at_most in H. rewrite !andb_true_iff, !forallb_forall in H.
    destruct H as [[[H1 H2] H3] H4]. apply market_fine_sound in H1. pose proof (power_nonneg K H1) as HG.
    apply le_R in H4. apply Rle_trans with (2 := H4). clear H4.
    rewrite qadd_R, !qmul_R, qadd_R, Q2R_opp, Q2R_one, qtotal_R.
    set (g := Q2R (power K)) in *.
    assert (U : forall i theta, In theta (type_grid K) -> touches K (P i theta) (T i theta) = true ->
      truth_of K F i theta <= (1 - g) * Q2R (P i theta) + g * (Q2R (T i theta) * moment_R K F i theta)).
    { intros i theta Ht Hc. unfold touches in Hc. rewrite !andb_true_iff, !negb_true_iff in Hc. destruct Hc as [[C1 C2] C3].
      apply nle_R in C1, C2. apply le_R in C3. rewrite Q2R_zero in *. rewrite Q2R_one, qmul_R, !qpow_R in C3.
      rewrite utility_moment; auto. apply tangent; auto; try apply H1. apply moment_nonneg; auto. }
    apply Rle_trans with (sum (type_grid K) (fun theta =>
      (1 - g) * (Q2R (stake K Seller theta) * Q2R (P Seller theta) + Q2R (stake K Buyer theta) * Q2R (P Buyer theta)) +
      g * (Q2R (stake K Seller theta) * (Q2R (T Seller theta) * moment_R K F Seller theta) +
           Q2R (stake K Buyer theta) * (Q2R (T Buyer theta) * moment_R K F Buyer theta)))).
    { apply sum_le. intros theta Ht. specialize (H2 theta Ht). apply andb_true_iff in H2 as [HS HB].
      pose proof (U _ _ Ht HS) as US. pose proof (U _ _ Ht HB) as UB.
      pose proof (Rmult_le_compat_l _ _ _ (stake_nonneg K Seller theta H1 Ht) US).
      pose proof (Rmult_le_compat_l _ _ _ (stake_nonneg K Buyer theta H1 Ht) UB). lra. }
    rewrite sum_plus, !sum_times. apply Rplus_le_compat.
    - apply Req_le. f_equal. apply sum_ext. intros theta _. rewrite qadd_R, !qmul_R. reflexivity.
    - apply Rmult_le_compat_l; auto.
      apply Rle_trans with (sum (all_prices K) (fun p => F p * Q2R (slope (map (line_at K T) (type_grid K)) (price K p)))).
      + apply Req_le. unfold moment_R.
        rewrite (sum_ext (type_grid K) _ (fun theta => sum (all_prices K) (fun p => F p * (if inside K theta p then
          Q2R (stake K Seller theta) * Q2R (T Seller theta) * gain K Seller theta (Q2R (price K p)) +
          Q2R (stake K Buyer theta) * Q2R (T Buyer theta) * gain K Buyer theta (Q2R (price K p)) else 0)))).
        * rewrite sum_swap. apply sum_ext. intros p _. rewrite sum_times. f_equal. symmetry. apply slope_R.
        * intros theta _. rewrite <- !sum_times, <- sum_plus. apply sum_ext. intros p _. destruct (inside K theta p); ring.
      + destruct HF as [F1 F2]. rewrite <- (Rmult_1_l (Q2R s)), <- F2, Rmult_comm, <- sum_times. apply sum_le. intros p Hp.
        rewrite (Rmult_comm (Q2R s)). apply Rmult_le_compat_l; auto. apply le_R, H3, Hp.
  Qed.
End Answers.

Ltac same_simple := intros F; exact (iff_refl _).
