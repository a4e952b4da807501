(** Guo (2018), Example 1.4.2, for all payoffs a and B: an efficient mechanism exists iff B <= a.

    agent 0 = agent1; types 0 = t1, 1 = t2
    agent 1 = agent2; types 0 = s1, 1 = s2, 2 = s3
    outcomes 0 = x0, 1 = x1, 2 = x2 *)
From Coq Require Import List QArith Qreals Rbase Lra.
Require Import Mechlp.
Require Import Parameters.
Import ListNotations.
Open Scope Q_scope.

Definition the_prior := Axis [Axis [Val (1#10); Val (2#10); Val (2#10)]; Axis [Val (2#10); Val (1#10); Val (2#10)]].
(** What agent [i] gets from outcome [x] where agent2 is of type [s]. *)
Definition payoffs (a B : Q) (i x s : nat) : Q :=
  match i, x, s with
  | 0%nat, 1%nat, _ => a                       (* agent1, x1 *)
  | 0%nat, 2%nat, 1%nat => a - 2 * B           (* agent1, x2, s2 *)
  | 0%nat, 2%nat, _ => a                       (* agent1, x2, s1 or s3 *)
  | 1%nat, 1%nat, S _ => a                     (* agent2, x1, s2 or s3 *)
  | 1%nat, 2%nat, 0%nat => a                   (* agent2, x2, s1 *)
  | 1%nat, 2%nat, 1%nat => a + B               (* agent2, x2, s2 *)
  | _, _, _ => 0
  end.
Definition env (a B : Q) : environment := {|
  sizes := [2; 3]%nat; num_outcomes := 3;
  u := fun i x theta => payoffs a B i x (type_of theta 1);
  weight := fun _ => look the_prior;
  prior := look the_prior;
  outside := fun _ _ => 0 |}.
Theorem data_are_an_environment a B : are_beliefs (env a B) /\ is_distribution (env a B) (prior (env a B)).
Proof. apply sane. checked. Qed.

(** What is asked of a mechanism. *)
Definition asks (a B : Q) (M : mechanism) : Prop :=
  lotteries (env a B) M /\ efficient (env a B) M /\ bayesian_IC (env a B) M /\ interim_IR (env a B) M /\ ex_post_BB (env a B) M.

Open Scope R_scope.

(** x2 at s1, x1 at s2 and s3; agent2 pays B to agent1 where she says s1. *)
Definition rule (x : nat) (theta : profile) : R :=
  match x, type_of theta 1 with 2%nat, 0%nat => 1 | 1%nat, 1%nat => 1 | 1%nat, 2%nat => 1 | _, _ => 0 end.
Definition served (B : Q) : mechanism := {|
  q := rule;
  t := fun i theta => match i, type_of theta 1 with
                      | 0%nat, 0%nat => Q2R B | 1%nat, 0%nat => - Q2R B | _, _ => 0 end |}.

Ltac sums := cbv [gain_of_truth gain_of_taking_part cells slice grid sizes env flat_map map app seq sum payoff outcomes num_outcomes
  report look the_prior weight u outside payoffs type_of nth length].

Theorem possible a B : (0 < a)%Q -> (0 <= B)%Q -> (B <= a)%Q -> asks a B (served B).
Proof.
  intros Ha HB Hle. apply Qlt_Rlt in Ha. apply Qle_Rle in HB, Hle. rewrite Q2R_zero in Ha, HB.
  split; [|split; [|split; [|split]]].
  - intros theta Ht. each Ht; (split; [intros x Hx; each Hx; cbn; lra | cbn; lra]).
  - intros theta x y Ht Hx Hy. each Ht; each Hx; cbn; try lra; intros _; each Hy; cbv [surplus qsum agents seq length sizes env u payoffs type_of nth];
      rational; lra.
  - apply bayesian_IC_sums. intros i k r Hi Hk Hr. each Hi; each Hk; each Hr; sums; cbn [q t served rule type_of nth]; rational; lra.
  - apply interim_IR_sums. intros i k Hi Hk. each Hi; each Hk; sums; cbn [q t served rule type_of nth]; rational; lra.
  - intros theta Ht. each Ht; cbn; lra.
Qed.

(** The outcome that alone is efficient, where B is positive. *)
Definition best (theta : profile) : nat := match type_of theta 1 with 0%nat => 2%nat | _ => 1%nat end.
Lemma allocation_of a B M theta x : (0 < a)%Q -> (0 < B)%Q -> asks a B M -> In theta (Theta (env a B)) ->
  In x (outcomes (env a B)) -> q M x theta = if (x =? best theta)%nat then 1 else 0.
Proof.
  intros Ha HB (HL & HE & _) Ht Hx. apply (only_efficient (env a B)); auto.
  - each Ht; cbn; tauto.
  - intros y Hy Hne. each Ht; each Hy; cbn in Hne; try congruence; apply Rlt_Qlt;
      apply Qlt_Rlt in Ha, HB; rewrite Q2R_zero in Ha, HB;
      cbv [best surplus qsum agents seq length sizes env u payoffs type_of nth]; rational; lra.
Qed.

Ltac chance M H th := 
  pose proof (H th 0%nat ltac:(cbn; tauto) ltac:(cbn; tauto)); pose proof (H th 1%nat ltac:(cbn; tauto) ltac:(cbn; tauto));
  pose proof (H th 2%nat ltac:(cbn; tauto) ltac:(cbn; tauto)).

(** The multipliers that `mechlp region` found: 5/3 and 5/3 on the two lies of agent1, 1 and 1 on those of agent2 between s1 and s2,
    a third on budget balance at four profiles. *)
Theorem impossible a B M : (0 < a)%Q -> (a < B)%Q -> ~ asks a B M.
Proof.
  intros Ha HB HM. assert (HB0 : (0 < B)%Q) by (apply Qlt_trans with a; auto).
  pose proof (fun th x => allocation_of a B M th x Ha HB0 HM) as H.
  destruct HM as (_ & _ & HIC & _ & HBB).
  assert (IC : forall i k r, In i (agents (env a B)) -> In k (types (env a B) i) -> In r (types (env a B) i) ->
    0 <= gain_of_truth (env a B) M i k r).
  { intros i k r Hi Hk Hr. apply sums_of_IC; auto. each Hi; each Hk; reflexivity. }
  pose proof (IC 0 0 1 ltac:(cbn; tauto) ltac:(cbn; tauto) ltac:(cbn; tauto))%nat as I1.
  pose proof (IC 0 1 0 ltac:(cbn; tauto) ltac:(cbn; tauto) ltac:(cbn; tauto))%nat as I2.
  pose proof (IC 1 0 1 ltac:(cbn; tauto) ltac:(cbn; tauto) ltac:(cbn; tauto))%nat as I3.
  pose proof (IC 1 1 0 ltac:(cbn; tauto) ltac:(cbn; tauto) ltac:(cbn; tauto))%nat as I4.
  pose proof (HBB [0; 0]%nat ltac:(cbn; tauto)) as B1. pose proof (HBB [0; 1]%nat ltac:(cbn; tauto)) as B2.
  pose proof (HBB [1; 0]%nat ltac:(cbn; tauto)) as B3. pose proof (HBB [1; 1]%nat ltac:(cbn; tauto)) as B4.
  revert I1 I2 I3 I4 B1 B2 B3 B4. sums. cbv [agents].  cbn [sum seq length sizes].
  rewrite !(H [0; 0]%nat), !(H [0; 1]%nat), !(H [0; 2]%nat), !(H [1; 0]%nat), !(H [1; 1]%nat), !(H [1; 2]%nat) by (cbn; tauto).
  cbn [best type_of nth Nat.eqb]. apply Qlt_Rlt in Ha, HB. rewrite Q2R_zero in Ha. rational. lra.
Qed.

Theorem exists_iff : forall a B : Q, (0 < a)%Q -> (0 <= B)%Q -> ((B <= a)%Q <-> exists M : mechanism, asks a B M).
Proof.
  intros a B Ha HB. split.
  - intros Hle. exists (served B). apply possible; auto.
  - intros [M HM]. apply Qnot_lt_le. intros Hlt. exact (impossible a B M Ha Hlt HM).
Qed.
Print Assumptions exists_iff.
