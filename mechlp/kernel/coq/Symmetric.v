(** One object in grades for identical bidders with independent types, by what a representative gets in expectation.  Some rule over
    type profiles gives these chances iff no set of types wins more often than one of them is there (Border 1991), which is the
    definition of [feasible] here. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Reals Lra Lia Sorting.Sorted Permutation.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

(** * Definitions *)

Record bidders := {
  copies : nat;                  (* how many *)
  type_count : nat;
  grade_count : nat;
  worth_of : nat -> nat -> Q;    (* what the object of grade k is worth to type s; not to have it is worth 0 *)
  likely : nat -> Q              (* the probability of type s of each bidder *)
}.
Record interim_rule := {
  chance : nat -> nat -> R;      (* of a bidder of type s, of getting grade k *)
  receives : nat -> R            (* in expectation *)
}.

Section Definitions.
  Variable B : bidders.
  Definition all_types : list nat := seq 0 (type_count B).
  Definition all_grades : list nat := seq 0 (grade_count B).
  Variable M : interim_rule.
  Definition wins (s : nat) : R := Σ k ∈ all_grades, chance M k s.
  Definition payoff_of (s r : nat) : R := (Σ k ∈ all_grades, Q2R (worth_of B k s) * chance M k r) + receives M r.

  (** Border's condition, for every set of types. *)
  Definition feasible_chances : Prop := (forall k s, In k all_grades -> In s all_types -> 0 <= chance M k s) /\
    forall l, NoDup l -> incl l all_types ->
      INR (copies B) * (Σ s ∈ l, Q2R (likely B s) * wins s) <= 1 - (1 - Σ s ∈ l, Q2R (likely B s)) ^ copies B.
  Definition truthful : Prop := forall s r, In s all_types -> In r all_types -> payoff_of s s >= payoff_of s r.
  Definition voluntary : Prop := forall s, In s all_types -> payoff_of s s >= 0.
  Definition revenue_of_all : R := - (INR (copies B) * Σ s ∈ all_types, Q2R (likely B s) * receives M s).
  Definition surplus_of_all : R :=
    INR (copies B) * Σ s ∈ all_types, Q2R (likely B s) * Σ k ∈ all_grades, Q2R (worth_of B k s) * chance M k s.
  Definition linear_value (cq : nat -> nat -> Q) (ct : nat -> Q) : R :=
    Σ s ∈ all_types, (Σ k ∈ all_grades, Q2R (cq k s) * chance M k s) + Q2R (ct s) * receives M s.
End Definitions.

Definition are_bidders (B : bidders) : Prop :=
  (forall s, In s (all_types B) -> (0 < likely B s)%Q) /\ (qsum (all_types B) (likely B) == 1)%Q.

Inductive aim := Earns | Creates | Forms (cq : nat -> nat -> Q) (ct : nat -> Q).
Definition amount (B : bidders) (o : aim) (M : interim_rule) : R :=
  match o with Earns => revenue_of_all B M | Creates => surplus_of_all B M | Forms cq ct => linear_value B M cq ct end.

(** * The checker *)

Section Checker.
  Variable B : bidders.
  Definition number : Q := inject_Z (Z.of_nat (copies B)).
  Definition likely_fine : bool :=
    forallb (fun s => negb (Qle_bool (likely B s) 0)) (all_types B) && Qeq_bool (qtotal (all_types B) (likely B)) 1.
  Fixpoint distinct (l : list nat) : bool :=
    match l with [] => true | x :: l' => negb (existsb (Nat.eqb x) l') && distinct l' end.
  Definition types_in (l : list nat) : bool := forallb (fun s => (s <? type_count B)%nat) l.
  Fixpoint npow (x : Q) (n : nat) : Q := match n with O => 1%Q | S m => qmul x (npow x m) end.
  Definition capacity (x : Q) : Q := qadd 1 (Qopp (npow (qadd 1 (Qopp x)) (copies B))).

  (** A rule in numbers, and the types by falling chance of winning. *)
  Variable m : (nat -> nat -> Q) * (nat -> Q).
  Definition wins_in (s : nat) : Q := qtotal (all_grades B) (fun k => fst m k s).
  Definition payoff_in (s r : nat) : Q := qadd (qtotal (all_grades B) (fun k => qmul (worth_of B k s) (fst m k r))) (snd m r).
  Fixpoint within (l : list nat) (mass won : Q) : bool :=
    Qle_bool (qmul number won) (capacity mass) && Qle_bool mass 1 &&
    match l with [] => true | s :: l' =>
      match l' with [] => true | r :: _ => Qle_bool (wins_in r) (wins_in s) end &&
      within l' (qadd mass (likely B s)) (qadd won (qmul (likely B s) (wins_in s))) end.
  (** What each report brings is looked up once for all types, and what a grade is worth to a type once for all reports. *)
  Definition truth_pays (brought : list (list Q * Q)) : bool :=
    forallb (fun s => let own := payoff_in s s in let us := map (fun k => worth_of B k s) (all_grades B) in
      Qle_bool 0 own && forallb (fun b => Qle_bool (qadd (inner us (fst b)) (snd b)) own) brought) (all_types B).
  Definition rule_fine (order : list nat) : bool :=
    likely_fine && forallb (fun s => forallb (fun k => Qle_bool 0 (fst m k s)) (all_grades B)) (all_types B) &&
    distinct order && types_in order && (type_count B <=? length order)%nat && within order 0 0 &&
    truth_pays (map (fun r => (map (fun k => fst m k r) (all_grades B), snd m r)) (all_types B)).

  Definition on_chances_of (o : aim) (k s : nat) : Q :=
    match o with Earns => 0%Q | Creates => qmul number (qmul (likely B s) (worth_of B k s)) | Forms cq _ => cq k s end.
  Definition on_receipts (o : aim) (s : nat) : Q :=
    match o with Earns => Qopp (qmul number (likely B s)) | Creates => 0%Q | Forms _ ct => ct s end.
  Definition amount_in (o : aim) : Q :=
    qtotal (all_types B) (fun s => qadd (qtotal (all_grades B) (fun k => qmul (on_chances_of o k s) (fst m k s))) (qmul (on_receipts o s) (snd m s))).
  Definition rule_amounts (o : aim) (v : Q) (order : list nat) : bool := rule_fine order && Qeq_bool (amount_in o) v.

  (** Multipliers: of the lies (type, report), and of Border's sets, the first types of an order. *)
  Definition multiplied := list (nat * nat * Q).
  Definition leaving (y : multiplied) (s : nat) : Q := qtotal (filter (fun c => fst (fst c) =? s)%nat y) snd.
  Definition entering (y : multiplied) (s : nat) : Q := qtotal (filter (fun c => snd (fst c) =? s)%nat y) snd.
  Definition of_part (o : aim) (y : multiplied) (s : nat) : Q := qadd (entering y s) (Qopp (qadd (leaving y s) (on_receipts o s))).
  Definition virtual (o : aim) (y : multiplied) (k s : nat) : Q :=
    qadd (qadd (on_chances_of o k s) (qmul (worth_of B k s) (qadd (leaving y s) (of_part o y s))))
         (Qopp (qtotal (filter (fun c => snd (fst c) =? s)%nat y) (fun c => qmul (snd c) (worth_of B k (fst (fst c)))))).
  Definition level (sets : list (nat * Q)) : Q := qtotal sets snd.
  Fixpoint levels_fine (o : aim) (y : multiplied) (sets : list (nat * Q)) : bool :=
    match sets with [] => true | (s, d) :: l =>
      Qle_bool 0 d && (let w := qmul (qmul number (likely B s)) (level sets) in
      forallb (fun k => Qle_bool (virtual o y k s) w) (all_grades B)) && levels_fine o y l end.
  Fixpoint worth_of_sets (sets : list (nat * Q)) (mass : Q) : Q :=
    match sets with [] => 0%Q | (s, d) :: l => let x := qadd mass (likely B s) in qadd (qmul d (capacity x)) (worth_of_sets l x) end.
  Definition amount_at_most (o : aim) (v : Q) (y : multiplied) (sets : list (nat * Q)) : bool :=
    likely_fine && forallb (fun c => Qle_bool 0 (snd c)) y && types_in (map (fun c => fst (fst c)) y) && types_in (map (fun c => snd (fst c)) y) &&
    forallb (fun s => Qle_bool 0 (of_part o y s)) (all_types B) &&
    distinct (map fst sets) && types_in (map fst sets) && levels_fine o y sets &&
    forallb (fun s => existsb (Nat.eqb s) (map fst sets) || forallb (fun k => Qle_bool (virtual o y k s) 0) (all_grades B)) (all_types B) &&
    Qle_bool (worth_of_sets sets 0) v.
End Checker.

(** * Soundness *)
Arguments Q2R : simpl never.
Arguments level : simpl never.

Lemma distinct_NoDup l : distinct l = true -> NoDup l.
Proof.
  induction l as [|x l IH]; simpl; intros H; constructor; apply andb_true_iff in H as [H1 H2]; auto.
  intros Hx. apply negb_true_iff in H1. assert (existsb (Nat.eqb x) l = true); [|congruence].
  apply existsb_exists. exists x. split; auto. apply Nat.eqb_refl.
Qed.
Lemma types_in_incl B l : types_in B l = true -> incl l (all_types B).
Proof. unfold types_in. rewrite forallb_forall. intros H s Hs. specialize (H s Hs). apply Nat.ltb_lt in H. apply in_seq. lia. Qed.
Lemma number_R B : Q2R (number B) = INR (copies B).
Proof. unfold number, inject_Z, Q2R. cbn. rewrite INR_IZR_INZ. field. Qed.
Lemma npow_R x n : Q2R (npow x n) = Q2R x ^ n.
Proof. induction n; simpl; [apply Q2R_one|]. rewrite qmul_R, IHn. reflexivity. Qed.
Lemma capacity_R B x : Q2R (capacity B x) = 1 - (1 - Q2R x) ^ copies B.
Proof. unfold capacity. rewrite qadd_R, Q2R_opp, npow_R, qadd_R, Q2R_opp, Q2R_one. unfold Rminus. reflexivity. Qed.

(** A sum of what is not negative, over fewer of them. *)
Lemma sum_fewer (f : nat -> R) : forall l l', NoDup l -> incl l l' -> (forall x, In x l' -> 0 <= f x) -> sum l f <= sum l' f.
Proof.
  induction l as [|x l IH]; intros l' Hn Hi Hp; simpl.
  - clear Hn Hi. induction l' as [|y l' IH]; simpl; [lra|]. pose proof (Hp y (or_introl eq_refl)).
    assert (0 <= sum l' f) by (apply IH; intros; apply Hp; right; auto). lra.
  - inversion Hn; subst. destruct (in_split x l' (Hi x (or_introl eq_refl))) as (l1 & l2 & ->).
    assert (sum l f <= sum (l1 ++ l2) f).
    { apply IH; auto.
      - intros y Hy. specialize (Hi y (or_intror Hy)). apply in_app_or in Hi. apply in_or_app.
        destruct Hi as [Hi|[->|Hi]]; auto. contradiction.
      - intros y Hy. apply Hp. apply in_app_or in Hy. apply in_or_app. destruct Hy; simpl; auto. }
    rewrite sum_app in *. simpl. lra.
Qed.

(** A power is convex. *)
Lemma chord n : forall a b c, 0 <= a -> 0 <= b -> 0 <= c <= 1 -> ((1 - c) * a + c * b) ^ n <= (1 - c) * a ^ n + c * b ^ n.
Proof.
  induction n as [|n IH]; intros a b c Ha Hb Hc; simpl; [lra|].
  assert (H : 0 <= (1 - c) * a + c * b) by (apply Rplus_le_le_0_compat; apply Rmult_le_pos; lra).
  apply Rle_trans with (((1 - c) * a + c * b) * ((1 - c) * a ^ n + c * b ^ n)); [apply Rmult_le_compat_l; auto|].
  assert (P : 0 <= c * (1 - c) * ((a - b) * (a ^ n - b ^ n))).
  { apply Rmult_le_pos; [apply Rmult_le_pos; lra|]. destruct (Rle_dec a b).
    - assert (a ^ n <= b ^ n) by (apply pow_incr; lra). replace ((a - b) * (a ^ n - b ^ n)) with ((b - a) * (b ^ n - a ^ n)) by ring.
      apply Rmult_le_pos; lra.
    - assert (b ^ n <= a ^ n) by (apply pow_incr; lra). apply Rmult_le_pos; lra. }
  replace ((1 - c) * (a * a ^ n) + c * (b * b ^ n)) with
    (((1 - c) * a + c * b) * ((1 - c) * a ^ n + c * b ^ n) + c * (1 - c) * ((a - b) * (a ^ n - b ^ n))) by ring. lra.
Qed.

Section Border.
  (** The sets where types win most often are enough. *)
  Variables (f W : nat -> R) (n : nat) (l : list nat).
  Hypothesis Hl : NoDup l.
  Definition h (x : R) : R := 1 - (1 - x) ^ n.
  Definition won (s : list nat) : R := INR n * sum s (fun s => f s * W s).

  Lemma by_levels : forall rest pre, incl l (pre ++ rest) -> (forall s, In s (pre ++ rest) -> 0 < f s /\ 0 <= W s) ->
    (forall p r, In p pre -> In r rest -> W r <= W p) -> StronglySorted (fun s r => W r <= W s) rest ->
    (forall a b, rest = a ++ b -> won (pre ++ a) <= h (sum (pre ++ a) f) /\ sum (pre ++ a) f <= 1) ->
    sum pre f <= sum l f -> won l <= h (sum l f).
  Proof.
    induction rest as [|s rest IH]; intros pre Hi Hf Hpr Hs Hb Hx.
    - destruct (Hb [] [] eq_refl) as [H1 H2]. rewrite app_nil_r in *.
      assert (S : sum l f <= sum pre f) by (apply sum_fewer; auto; intros x Hx'; destruct (Hf x Hx'); lra).
      replace (sum l f) with (sum pre f) by lra. apply Rle_trans with (2 := H1). unfold won.
      apply Rmult_le_compat_l; [apply pos_INR|]. apply sum_fewer; auto. intros x Hx'. destruct (Hf x Hx'). apply Rmult_le_pos; lra.
    - assert (E : pre ++ s :: rest = (pre ++ [s]) ++ rest) by (rewrite <- app_assoc; reflexivity).
      destruct (Rle_dec (sum l f) (sum (pre ++ [s]) f)) as [Hle|Hgt].
      + destruct (Hb [] (s :: rest) eq_refl) as [H0 M0]. destruct (Hb [s] rest eq_refl) as [H1 M1]. rewrite app_nil_r in *.
        destruct (Hf s) as [F0 _]; [apply in_or_app; right; left; auto|].
        rewrite sum_app in Hle, M1. simpl in Hle, M1. rewrite Rplus_0_r in *.
        set (x0 := sum pre f) in *. set (x := sum l f) in *. set (c := W s).
        set (a := (x - x0) / f s). assert (A : a * f s = x - x0) by (unfold a; field; lra).
        assert (A0 : 0 <= a <= 1).
        { split; [apply Rmult_le_reg_r with (f s)|apply Rmult_le_reg_r with (f s)]; lra. }
        assert (T : sum l (fun s => f s * W s) <= sum pre (fun s => f s * W s) + c * (x - x0)).
        { assert (G : sum l (fun s => f s * (W s - c)) <= sum pre (fun s => f s * (W s - c))).
          { apply Rle_trans with (sum l (fun s => f s * Rmax (W s - c) 0)).
            { apply sum_le. intros y Hy. destruct (Hf y (Hi y Hy)). apply Rmult_le_compat_l; [lra|apply Rmax_l]. }
            apply Rle_trans with (sum (pre ++ s :: rest) (fun s => f s * Rmax (W s - c) 0)).
            { apply sum_fewer; auto. intros y Hy. destruct (Hf y Hy). apply Rmult_le_pos; [lra|apply Rmax_r]. }
            rewrite sum_app. apply Req_le.
            rewrite (sum_ext pre _ (fun s => f s * (W s - c))).
            2: { intros y Hy. rewrite Rmax_left; auto. specialize (Hpr y s Hy (or_introl eq_refl)). unfold c. lra. }
            rewrite (sum_ext (s :: rest) _ (fun s => 0 * 0)); [rewrite sum_times; lra|].
            intros y Hy. rewrite Rmax_right; [lra|]. unfold c. destruct Hy as [->|Hy]; [lra|].
            apply StronglySorted_inv in Hs as [_ Hs]. rewrite Forall_forall in Hs. specialize (Hs y Hy). lra. }
          rewrite (sum_ext l _ (fun s => f s * W s + (- c) * f s)), (sum_ext pre _ (fun s => f s * W s + (- c) * f s)), !sum_plus, !sum_times in G
            by (intros; ring). fold x0 x in G. lra. }
        unfold won in *. rewrite sum_app in H1. simpl in H1. rewrite Rplus_0_r, (sum_app pre [s] f) in H1. simpl in H1.
        rewrite Rplus_0_r in H1. fold x0 c in H1.
        apply Rle_trans with (INR n * (sum pre (fun s => f s * W s) + c * (x - x0))); [apply Rmult_le_compat_l; [apply pos_INR|auto]|].
        rewrite <- A.
        replace (INR n * (sum pre (fun s => f s * W s) + c * (a * f s))) with
          ((1 - a) * (INR n * sum pre (fun s => f s * W s)) + a * (INR n * (sum pre (fun s => f s * W s) + f s * c))) by ring.
        apply Rle_trans with ((1 - a) * h x0 + a * h (x0 + f s)).
        { apply Rplus_le_compat; apply Rmult_le_compat_l; lra. }
        replace x with (x0 + a * f s) by lra. unfold h.
        pose proof (chord n (1 - x0) (1 - (x0 + f s)) a ltac:(lra) ltac:(lra) A0) as C.
        replace ((1 - a) * (1 - x0) + a * (1 - (x0 + f s))) with (1 - (x0 + a * f s)) in C by ring. lra.
      + apply (IH (pre ++ [s])); try rewrite <- E; auto.
        * intros p r Hp Hr. apply in_app_or in Hp as [Hp|[<-|[]]]; [apply Hpr; auto; right; auto|].
          apply StronglySorted_inv in Hs as [_ Hs]. rewrite Forall_forall in Hs. apply Hs, Hr.
        * apply StronglySorted_inv in Hs as [Hs _]. auto.
        * intros u v Huv. rewrite <- app_assoc. simpl. apply (Hb (s :: u) v). rewrite Huv. reflexivity.
        * lra.
  Qed.
End Border.

Definition of_numbers (m : (nat -> nat -> Q) * (nat -> Q)) : interim_rule :=
  {| chance := fun k s => Q2R (fst m k s); receives := fun s => Q2R (snd m s) |}.

Section Soundness.
  Variable B : bidders.
  Lemma likely_fine_sound : likely_fine B = true -> are_bidders B.
  Proof.
    unfold likely_fine. rewrite andb_true_iff, forallb_forall. intros [H1 H2]. split.
    - intros s Hs. specialize (H1 s Hs). apply negb_true_iff in H1. apply Qnot_le_lt. intros H. apply Qle_bool_iff in H. congruence.
    - apply Qeq_bool_iff in H2. rewrite <- qtotal_eq. exact H2.
  Qed.
  Lemma likely_pos s : are_bidders B -> In s (all_types B) -> 0 < Q2R (likely B s).
  Proof. intros [H _] Hs. rewrite <- Q2R_zero. apply Qlt_Rlt, H, Hs. Qed.
  Lemma wins_in_R m s : Q2R (wins_in B m s) = wins B (of_numbers m) s.
  Proof. unfold wins_in, wins. rewrite qtotal_R. reflexivity. Qed.
  Lemma payoff_in_R m s r : Q2R (payoff_in B m s r) = payoff_of B (of_numbers m) s r.
  Proof.
    unfold payoff_in, payoff_of. rewrite qadd_R, qtotal_R. f_equal. apply sum_ext. intros k _. apply qmul_R.
  Qed.
  Lemma within_sound m : forall l mass wn, within B m l mass wn = true ->
    Sorted (fun s r => Q2R (wins_in B m r) <= Q2R (wins_in B m s)) l /\
    forall a b, l = a ++ b -> INR (copies B) * (Q2R wn + sum a (fun s => Q2R (likely B s) * Q2R (wins_in B m s))) <=
      1 - (1 - (Q2R mass + sum a (fun s => Q2R (likely B s)))) ^ copies B /\ Q2R mass + sum a (fun s => Q2R (likely B s)) <= 1.
  Proof.
    induction l as [|s l IH]; intros mass wn H; simpl in H; rewrite !andb_true_iff in H; destruct H as [[H1 H2] H3];
      apply le_R in H1, H2; rewrite qmul_R, number_R, capacity_R in H1; rewrite Q2R_one in H2.
    - split; [constructor|]. intros [|x a] b E; [|discriminate]. simpl. rewrite !Rplus_0_r. auto.
    - destruct H3 as [H3 H4]. apply IH in H4 as [S4 H4]. split.
      + constructor; auto. destruct l as [|r l]; constructor. apply le_R, H3.
      + intros [|x a] b E; simpl.
        * rewrite !Rplus_0_r. auto.
        * inversion E; subst. specialize (H4 a b eq_refl). rewrite !qadd_R, qmul_R in H4. rewrite <- !Rplus_assoc. auto.
  Qed.
  Lemma inner_total {X} (l : list X) f g : inner (map f l) (map g l) = qtotal l (fun k => qmul (f k) (g k)).
  Proof. induction l; simpl; rewrite ?IHl; reflexivity. Qed.
  Lemma truth_pays_each m : truth_pays B m (map (fun r => (map (fun k => fst m k r) (all_grades B), snd m r)) (all_types B)) =
    forallb (fun s => let own := payoff_in B m s s in Qle_bool 0 own && forallb (fun r => Qle_bool (payoff_in B m s r) own) (all_types B))
      (all_types B).
  Proof.
    unfold truth_pays. induction (all_types B) as [|s l IH] at 2 4; auto. cbn [forallb]. rewrite IH. f_equal. cbv zeta. f_equal.
    clear IH. induction (all_types B) as [|r l' IH]; auto. cbn [map forallb fst snd]. rewrite IH, inner_total. reflexivity.
  Qed.
  Lemma rule_fine_sound m order : rule_fine B m order = true ->
    feasible_chances B (of_numbers m) /\ truthful B (of_numbers m) /\ voluntary B (of_numbers m).
  Proof.
    unfold rule_fine. rewrite truth_pays_each, !andb_true_iff. intros [[[[[[H1 H2] H3] H4] H5] H6] H7].
    apply likely_fine_sound in H1. apply distinct_NoDup in H3. apply types_in_incl in H4. apply Nat.leb_le in H5.
    rewrite forallb_forall in H2, H7.
    assert (HQ : forall k s, In k (all_grades B) -> In s (all_types B) -> 0 <= Q2R (fst m k s)).
    { intros k s Hk Hs. specialize (H2 s Hs). rewrite forallb_forall in H2. rewrite <- Q2R_zero. apply le_R, H2, Hk. }
    split; [split|split].
    - exact HQ.
    - intros l Hn Hi. apply within_sound in H6 as [S H6].
      pose proof (by_levels (fun s => Q2R (likely B s)) (wins B (of_numbers m)) (copies B) l Hn order []) as G.
      unfold won, h in G. apply G; clear G; simpl.
      + assert (C : incl (all_types B) order).
        { apply NoDup_length_incl; auto. unfold all_types. rewrite seq_length. auto. }
        intros s Hs. apply C, Hi, Hs.
      + intros s Hs. split; [apply likely_pos; auto|]. unfold wins. clear - HQ Hs H4.
        assert (P : forall ks, (forall k, In k ks -> In k (all_grades B)) -> 0 <= sum ks (fun k => chance (of_numbers m) k s)).
        { induction ks as [|k ks IH]; simpl; intros Hk; [lra|]. pose proof (HQ k s (Hk k (or_introl eq_refl)) (H4 s Hs)).
          assert (0 <= sum ks (fun k => Q2R (fst m k s))) by (apply IH; auto). lra. }
        apply P; auto.
      + tauto.
      + apply Sorted_StronglySorted; [intros x y z; lra|].
        clear - S. induction S as [|s l' S IHS Hd]; constructor; [apply IHS|].
        inversion Hd as [|r l'' Hr]; subst; constructor. rewrite !wins_in_R in Hr. exact Hr.
      + intros a b E. specialize (H6 a b E). rewrite Q2R_zero, !Rplus_0_l in H6.
        rewrite (sum_ext a (fun s => Q2R (likely B s) * wins B (of_numbers m) s) (fun s => Q2R (likely B s) * Q2R (wins_in B m s)));
          auto. intros s _. rewrite wins_in_R. reflexivity.
      + assert (P : forall ks, incl ks (all_types B) -> 0 <= sum ks (fun s => Q2R (likely B s))).
        { induction ks as [|k ks IH]; simpl; intros Hk; [lra|]. pose proof (likely_pos k H1 (Hk k (or_introl eq_refl))).
          assert (0 <= sum ks (fun s => Q2R (likely B s))) by (apply IH; intros y Hy; apply Hk; right; auto). lra. }
        apply P, Hi.
    - intros s r Hs Hr. specialize (H7 s Hs). cbv zeta in H7. apply andb_true_iff in H7 as [_ H7]. rewrite forallb_forall in H7.
      specialize (H7 r Hr). apply le_R in H7. rewrite !payoff_in_R in H7. lra.
    - intros s Hs. specialize (H7 s Hs). cbv zeta in H7. apply andb_true_iff in H7 as [H7 _]. apply le_R in H7.
      rewrite payoff_in_R, Q2R_zero in H7. lra.
  Qed.

  Lemma amount_coefficients o M : amount B o M = linear_value B M (on_chances_of B o) (on_receipts B o).
  Proof.
    unfold linear_value. destruct o; simpl; auto.
    - unfold revenue_of_all. rewrite <- sum_times. rewrite sum_opp. apply sum_ext. intros s _.
      rewrite (sum_ext (all_grades B) _ (fun k => 0 * 0)) by (intros; rewrite Q2R_zero; ring). rewrite sum_times.
      rewrite Q2R_opp, qmul_R, number_R. ring.
    - unfold surplus_of_all. rewrite <- sum_times. apply sum_ext. intros s _. rewrite Q2R_zero, <- !sum_times, Rmult_0_l, Rplus_0_r.
      apply sum_ext. intros k _. rewrite !qmul_R, number_R. ring.
  Qed.
  Lemma amount_in_R m o : Q2R (amount_in B m o) = amount B o (of_numbers m).
  Proof.
    rewrite amount_coefficients. unfold amount_in, linear_value. rewrite qtotal_R. apply sum_ext. intros s _.
    rewrite qadd_R, qtotal_R, qmul_R. f_equal. apply sum_ext. intros k _. apply qmul_R.
  Qed.

  (** Multipliers of lies, collected type by type. *)
  Lemma collected (y : list (nat * nat * Q)) (key : nat * nat * Q -> nat) (g : nat * nat * Q -> R) (w : nat -> R) :
    (forall c, In c y -> In (key c) (all_types B)) ->
    sum y (fun c => g c * w (key c)) = sum (all_types B) (fun s => sum (filter (fun c => key c =? s)%nat y) g * w s).
  Proof.
    intros H. induction y as [|c y IH]; simpl.
    - rewrite (sum_ext _ _ (fun s => 0 * 0)); [rewrite sum_times; ring|]. intros; ring.
    - rewrite IH by (intros; apply H; right; auto).
      rewrite (sum_ext (all_types B) (fun s => sum (if (key c =? s)%nat then c :: filter (fun c => (key c =? s)%nat) y else filter (fun c => (key c =? s)%nat) y) g * w s)
        (fun s => (if (key c =? s)%nat then g c * w s else 0) + sum (filter (fun c => (key c =? s)%nat) y) g * w s))
        by (intros s _; destruct (key c =? s)%nat; simpl; ring).
      rewrite sum_plus. f_equal.
      specialize (H c (or_introl eq_refl)). pose proof (seq_NoDup (type_count B) 0) as N. fold (all_types B) in N.
      revert H N. generalize (all_types B) as l. induction l as [|s l IHl]; simpl; intros Hin N; [tauto|].
      inversion N; subst. destruct Hin as [->|Hin].
      + rewrite Nat.eqb_refl. rewrite (sum_ext l _ (fun s => 0 * 0)); [rewrite sum_times; ring|].
        intros s Hs. destruct (Nat.eqb_spec (key c) s); [subst; contradiction|ring].
      + rewrite <- IHl; auto. destruct (Nat.eqb_spec (key c) s); [subst; contradiction|ring].
  Qed.

  Lemma levels_nonneg o y sets : levels_fine B o y sets = true -> forall s d, In (s, d) sets -> 0 <= Q2R d.
  Proof.
    induction sets as [|[r e] sets IH]; simpl; intros H s d Hin; [tauto|]. rewrite !andb_true_iff in H. destruct H as [[H1 _] H3].
    destruct Hin as [E|Hin]; [|eapply IH; eauto]. inversion E; subst. rewrite <- Q2R_zero. apply le_R, H1.
  Qed.
  Lemma sum_chosen (p : nat -> bool) l g : sum (filter p l) g = sum l (fun x => if p x then g x else 0).
  Proof. induction l as [|x l IH]; simpl; auto. destruct (p x); simpl; rewrite IH; lra. Qed.
  Lemma sum_permuted (l l' : list nat) g : Permutation l l' -> sum l g = sum l' g.
  Proof. induction 1; simpl; lra. Qed.

  Variable M : interim_rule.
  Lemma sets_bound : forall sets mass pre, feasible_chances B M -> (forall s d, In (s, d) sets -> 0 <= Q2R d) ->
    NoDup (pre ++ map fst sets) -> incl (pre ++ map fst sets) (all_types B) -> Q2R mass = sum pre (fun s => Q2R (likely B s)) ->
    Q2R (level sets) * (INR (copies B) * sum pre (fun s => Q2R (likely B s) * wins B M s)) +
    (fix go l := match l with [] => 0 | (s, d) :: l' => INR (copies B) * Q2R (likely B s) * Q2R (level l) * wins B M s + go l' end) sets <=
    Q2R (worth_of_sets B sets mass).
  Proof.
    induction sets as [|[s d] sets IH]; intros mass pre HF Hd Hn Hi Hm.
    - unfold level. simpl. rewrite Q2R_zero. lra.
    - simpl worth_of_sets. rewrite qadd_R, qmul_R, capacity_R, qadd_R, Hm.
      assert (E : pre ++ map fst ((s, d) :: sets) = (pre ++ [s]) ++ map fst sets) by (rewrite <- app_assoc; reflexivity).
      rewrite E in *. specialize (IH (qadd mass (likely B s)) (pre ++ [s]) HF ltac:(intros; apply (Hd s0); right; auto) Hn Hi).
      rewrite qadd_R, Hm, sum_app in IH. simpl in IH. specialize (IH ltac:(ring)).
      assert (L : Q2R (level ((s, d) :: sets)) = Q2R d + Q2R (level sets)).
      { unfold level. simpl. rewrite qadd_R. destruct sets; reflexivity. }
      cbn iota beta. rewrite L. destruct HF as [_ HB].
      assert (N1 : NoDup (pre ++ [s])). { clear - Hn. revert Hn. generalize (map fst sets). intros r H. induction r using rev_ind; [rewrite app_nil_r in H; auto|].
        rewrite app_assoc in H. apply IHr. apply NoDup_remove_1 in H. rewrite app_nil_r in H. auto. }
      specialize (HB (pre ++ [s]) N1 ltac:(intros x Hx; apply Hi, in_or_app; auto)).
      rewrite !sum_app in HB. simpl in HB. specialize (Hd s d (or_introl eq_refl)).
      rewrite sum_app in IH. simpl in IH. rewrite !Rplus_0_r in *.
      pose proof (Rmult_le_compat_l _ _ _ Hd HB) as HB'.
      match type of IH with _ + ?G <= _ => set (rest := G) in * end. lra.
  Qed.

  Lemma amount_bounded o v y sets : amount_at_most B o v y sets = true ->
    feasible_chances B M -> truthful B M -> voluntary B M -> amount B o M <= Q2R v.
  Proof.
    unfold amount_at_most. rewrite !andb_true_iff, !forallb_forall. intros [[[[[[[[[H1 H2] H3] H4] H5] H6] H7] H8] H9] H10] HF HT HV.
    apply likely_fine_sound in H1. apply types_in_incl in H3, H4, H7. apply distinct_NoDup in H6. apply le_R in H10.
    apply Rle_trans with (2 := H10). clear H10. rewrite amount_coefficients.
    assert (K1 : forall c, In c y -> In (fst (fst c)) (all_types B)) by (intros c Hc; apply H3, in_map_iff; eauto).
    assert (K2 : forall c, In c y -> In (snd (fst c)) (all_types B)) by (intros c Hc; apply H4, in_map_iff; exists c; auto).
    assert (A : 0 <= sum y (fun c => Q2R (snd c) * (payoff_of B M (fst (fst c)) (fst (fst c)) - payoff_of B M (fst (fst c)) (snd (fst c)))) +
      sum (all_types B) (fun s => Q2R (of_part B o y s) * payoff_of B M s s)).
    { apply Rplus_le_le_0_compat.
      - replace 0 with (sum y (fun _ => 0 * 0)) by (rewrite sum_times; ring). apply sum_le. intros c Hc. rewrite Rmult_0_l.
        specialize (H2 c Hc). apply le_R in H2. rewrite Q2R_zero in H2. apply Rmult_le_pos; auto.
        specialize (HT _ _ (K1 c Hc) (K2 c Hc)). lra.
      - replace 0 with (sum (all_types B) (fun _ => 0 * 0)) by (rewrite sum_times; ring). apply sum_le. intros s Hs. rewrite Rmult_0_l.
        specialize (H5 s Hs). apply le_R in H5. rewrite Q2R_zero in H5. apply Rmult_le_pos; auto. specialize (HV s Hs). lra. }
    assert (V : linear_value B M (on_chances_of B o) (on_receipts B o) +
      (sum y (fun c => Q2R (snd c) * (payoff_of B M (fst (fst c)) (fst (fst c)) - payoff_of B M (fst (fst c)) (snd (fst c)))) +
       sum (all_types B) (fun s => Q2R (of_part B o y s) * payoff_of B M s s)) =
      sum (all_types B) (fun s => sum (all_grades B) (fun k => Q2R (virtual B o y k s) * chance M k s))).
    { rewrite (sum_ext y _ (fun c => Q2R (snd c) * payoff_of B M (fst (fst c)) (fst (fst c)) +
        (- (Q2R (snd c) * receives M (snd (fst c))) + sum (all_grades B) (fun k => - (Q2R (snd c) * Q2R (worth_of B k (fst (fst c)))) * chance M k (snd (fst c)))))).
      2: { intros c _. unfold payoff_of at 2. rewrite (sum_ext (all_grades B) (fun k => - (Q2R (snd c) * Q2R (worth_of B k (fst (fst c)))) * chance M k (snd (fst c)))
             (fun k => (- Q2R (snd c)) * (Q2R (worth_of B k (fst (fst c))) * chance M k (snd (fst c))))) by (intros; ring).
           rewrite sum_times. ring. }
      rewrite !sum_plus. rewrite (collected y (fun c => fst (fst c)) (fun c => Q2R (snd c)) (fun s => payoff_of B M s s)); auto.
      rewrite (sum_ext y (fun c => - (Q2R (snd c) * receives M (snd (fst c)))) (fun c => Q2R (snd c) * (- receives M (snd (fst c))))) by (intros; ring).
      rewrite (collected y (fun c => snd (fst c)) (fun c => Q2R (snd c)) (fun s => - receives M s)); auto.
      assert (SW : sum y (fun c => sum (all_grades B) (fun k => - (Q2R (snd c) * Q2R (worth_of B k (fst (fst c)))) * chance M k (snd (fst c)))) =
        sum (all_types B) (fun s => sum (all_grades B) (fun k => sum (filter (fun c => (snd (fst c) =? s)%nat) y) (fun c => - (Q2R (snd c) * Q2R (worth_of B k (fst (fst c))))) * chance M k s))).
      { assert (SS : forall (X Y : Type) (l : list X) (l' : list Y) (g : X -> Y -> R), sum l (fun x => sum l' (g x)) = sum l' (fun z => sum l (fun x => g x z))).
        { intros X Y l l' g. induction l as [|x l IH]; simpl; [induction l'; simpl; lra|]. rewrite IH, <- sum_plus. reflexivity. }
        rewrite SS. rewrite (SS _ _ (all_types B)). apply sum_ext. intros k _.
        apply (collected y (fun c => snd (fst c)) (fun c => - (Q2R (snd c) * Q2R (worth_of B k (fst (fst c))))) (fun s => chance M k s)); auto. }
      rewrite SW. unfold linear_value. rewrite <- !sum_plus. apply sum_ext. intros s _.
      assert (EL : sum (filter (fun c : nat * nat * Q => (fst (fst c) =? s)%nat) y) (fun c => Q2R (snd c)) = Q2R (leaving y s)) by (unfold leaving; rewrite qtotal_R; reflexivity).
      assert (EE : sum (filter (fun c : nat * nat * Q => (snd (fst c) =? s)%nat) y) (fun c => Q2R (snd c)) = Q2R (entering y s)) by (unfold entering; rewrite qtotal_R; reflexivity).
      rewrite EL, EE.
      rewrite (sum_ext (all_grades B) (fun k => Q2R (virtual B o y k s) * chance M k s)
        (fun k => (Q2R (on_chances_of B o k s) * chance M k s + (Q2R (leaving y s) + Q2R (of_part B o y s)) * (Q2R (worth_of B k s) * chance M k s)) +
          sum (filter (fun c => (snd (fst c) =? s)%nat) y) (fun c => - (Q2R (snd c) * Q2R (worth_of B k (fst (fst c))))) * chance M k s)).
      2: { intros k _. unfold virtual. rewrite !qadd_R, qmul_R, Q2R_opp, !qadd_R, qtotal_R.
           rewrite <- sum_opp. rewrite (sum_ext _ (fun x => Q2R (qmul (snd x) (worth_of B k (fst (fst x))))) (fun c => Q2R (snd c) * Q2R (worth_of B k (fst (fst c))))) by (intros; apply qmul_R). ring. }
      rewrite !sum_plus, sum_times. unfold payoff_of. unfold of_part. rewrite !qadd_R, Q2R_opp, !qadd_R. ring. }
    apply Rle_trans with (sum (all_types B) (fun s => sum (all_grades B) (fun k => Q2R (virtual B o y k s) * chance M k s))); [lra|].
    clear A V H2 H5 HT HV.
    pose proof (sets_bound sets 0 [] HF) as G. simpl in G. rewrite Rmult_0_r, Rmult_0_r, Rplus_0_l in G.
    specialize (G (levels_nonneg o y sets H8) H6 H7 Q2R_zero). apply Rle_trans with (2 := G). clear G.
    set (g := fun s => sum (all_grades B) (fun k => Q2R (virtual B o y k s) * chance M k s)).
    apply Rle_trans with (sum (map fst sets) g).
    - apply Rle_trans with (sum (all_types B) (fun s => if existsb (Nat.eqb s) (map fst sets) then g s else 0)).
      + apply sum_le. intros s Hs. specialize (H9 s Hs). destruct (existsb (Nat.eqb s) (map fst sets)); [apply Rle_refl|].
        simpl in H9. rewrite forallb_forall in H9. replace 0 with (sum (all_grades B) (fun _ => 0 * 0)) by (rewrite sum_times; ring).
        apply sum_le. intros k Hk. specialize (H9 k Hk). apply le_R in H9. rewrite Q2R_zero in H9.
        destruct HF as [HF _]. specialize (HF k s Hk Hs).
        replace (0 * 0) with (0 * chance M k s) by ring. apply Rmult_le_compat_r; auto.
      + apply Req_le. rewrite <- sum_chosen. apply sum_permuted. apply NoDup_Permutation; [apply NoDup_filter, seq_NoDup|exact H6|].
        intros s. rewrite filter_In, existsb_exists. split.
        * intros [_ (x & Hx & E)]. apply Nat.eqb_eq in E. subst x. exact Hx.
        * intros Hs. split; [apply H7, Hs|]. exists s. split; auto. apply Nat.eqb_refl.
    - clear H6 H9. induction sets as [|[s d] sets IH]; [apply Rle_refl|].
      simpl map. simpl sum. simpl in H8. rewrite !andb_true_iff in H8. destruct H8 as [[D1 D2] D3].
      apply Rplus_le_compat; [|apply IH; auto; intros x Hx; apply H7; right; exact Hx].
      rewrite forallb_forall in D2. unfold g, wins. rewrite <- sum_times. apply sum_le. intros k Hk. specialize (D2 k Hk).
      apply le_R in D2. rewrite !qmul_R, number_R in D2. destruct HF as [HF _].
      specialize (HF k s Hk (H7 s (or_introl eq_refl))). apply Rmult_le_compat_r; auto.
  Qed.
End Soundness.

(** ** For the files of answers *)
Section Answers.
  Variables (B : bidders) (o : aim) (asks : interim_rule -> Prop) (worth : interim_rule -> R).
  Hypothesis same : forall M, asks M <-> feasible_chances B M /\ truthful B M /\ voluntary B M.

  Lemma a_rule m order : rule_fine B m order = true -> exists M, asks M.
  Proof. intros H. exists (of_numbers m). apply same, (rule_fine_sound B m order H). Qed.
  Lemma a_rule_worth m order v x : (forall M, amount B o M = worth M) -> Q2R v = x -> rule_amounts B m o v order = true ->
    exists M, asks M /\ worth M = x.
  Proof.
    intros Hw <- H. unfold rule_amounts in H. apply andb_true_iff in H as [H1 H2]. exists (of_numbers m). split.
    - apply same, (rule_fine_sound B m order H1).
    - rewrite <- Hw, <- amount_in_R. apply eq_R, H2.
  Qed.
  Lemma no_rule_worth_more v y sets x : (forall M, amount B o M = worth M) -> Q2R v = x -> amount_at_most B o v y sets = true ->
    forall M, asks M -> worth M <= x.
  Proof. intros Hw <- H M HM. rewrite <- Hw. apply same in HM as (H1 & H2 & H3). apply (amount_bounded B M o v y sets); auto. Qed.
End Answers.

Ltac same_bidders := intros M; exact (iff_refl _).
