(** Mechanism design with finitely many types: environments, mechanisms and their requirements, by quantifiers.  This is all that a
    reader needs to judge a statement.  Data are rational; mechanisms range over the REAL numbers. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
Import ListNotations.
Open Scope R_scope.
Coercion Q2R : Q >-> R.

Fixpoint sum {X} (l : list X) (f : X -> R) : R := match l with [] => 0 | x :: l' => f x + sum l' f end.
Notation "'Σ' x ∈ l , e" := (sum l (fun x => e)) (at level 200, x name, l at level 100, e at level 200).

Fixpoint qsum {X} (l : list X) (f : X -> Q) : Q :=
  match l with [] => 0%Q | x :: l' => (f x + qsum l' f)%Q end.

(** A type profile lists the type of each agent; agents, types and outcomes are numbered from 0. *)
Definition profile := list nat.
Definition type_of (theta : profile) (i : nat) : nat := nth i theta 0%nat.

(** [theta] with the type of agent [i] replaced by [r]. *)
Fixpoint report (theta : profile) (i r : nat) : profile :=
  match theta, i with
  | [], _ => []
  | _ :: rest, O => r :: rest
  | k :: rest, S j => k :: report rest j r
  end.

Record environment := {
  sizes : list nat;                       (* how many types each agent has *)
  num_outcomes : nat;
  u : nat -> nat -> profile -> Q;         (* utility of agent i from outcome a at theta *)
  weight : nat -> profile -> Q;           (* type theta_i of agent i believes theta_-i with probability in proportion to it *)
  prior : profile -> Q;                   (* the designer's *)
  outside : nat -> profile -> Q           (* the payoff of agent i who does not take part *)
}.

Record mechanism := {
  q : nat -> profile -> R;                (* probability of outcome a *)
  t : nat -> profile -> R                 (* what agent i receives *)
}.

Record linear_row := {
  on_chances : list (Q * nat * profile);     (* coefficient, outcome, profile *)
  on_transfers : list (Q * nat * profile);   (* coefficient, agent, profile *)
  is_equality : bool;
  bound_below : Q
}.

Fixpoint grid (sizes : list nat) : list profile :=
  match sizes with
  | [] => [[]]
  | m :: rest => let g := grid rest in flat_map (fun k => map (cons k) g) (seq 0 m)
  end.

Section Definitions.
  Variable E : environment.
  Definition agents : list nat := seq 0 (length (sizes E)).
  Definition outcomes : list nat := seq 0 (num_outcomes E).
  Definition types (i : nat) : list nat := seq 0 (nth i (sizes E) 0%nat).
  Definition Theta : list profile := grid (sizes E).
  Definition of_type (i k : nat) : list profile := filter (fun theta => type_of theta i =? k)%nat Theta.
  (** The total weight of a type: zero means that the type has no belief. *)
  Definition mass (i k : nat) : Q := qsum (of_type i k) (fun theta => weight E i theta).
  Definition surplus (a : nat) (theta : profile) : Q := qsum agents (fun i => u E i a theta).

  Variable M : mechanism.
  Definition payoff (i : nat) (theta : profile) (r : nat) : R :=
    (Σ a ∈ outcomes, u E i a theta * q M a (report theta i r)) + t M i (report theta i r).
  Definition interim (i k r : nat) : R :=
    (Σ theta ∈ of_type i k, weight E i theta * payoff i theta r) / mass i k.
  Definition interim_outside (i k : nat) : R :=
    (Σ theta ∈ of_type i k, weight E i theta * outside E i theta) / mass i k.

  Definition lotteries : Prop := forall theta, In theta Theta ->
    (forall a, In a outcomes -> 0 <= q M a theta) /\ (Σ a ∈ outcomes, q M a theta) = 1.
  Definition efficient : Prop := forall theta a b, In theta Theta -> In a outcomes -> In b outcomes ->
    0 < q M a theta -> surplus b theta <= surplus a theta.
  (** Only outcomes that are allowed have a chance. *)
  Definition allocation_within (ok : nat -> profile -> bool) : Prop := forall theta a, In theta Theta ->
    In a outcomes -> 0 < q M a theta -> ok a theta = true.
  Definition deterministic : Prop := forall theta, In theta Theta -> exists a, In a outcomes /\ q M a theta = 1.
  Definition allocation_is (g : nat -> profile -> Q) : Prop := forall theta a, In theta Theta -> In a outcomes ->
    q M a theta = g a theta.
  Definition transfers_within (low high : nat -> profile -> option Q) : Prop := forall i theta, In i agents ->
    In theta Theta -> match low i theta with Some l => Q2R l <= t M i theta | None => True end /\
                      match high i theta with Some h => t M i theta <= Q2R h | None => True end.
  (** A requirement of one's own: a linear form in chances and transfers, at least or equal to a number. *)
  Definition form_of (x : linear_row) : R :=
    (Σ c ∈ on_chances x, let '(y, a, theta) := c in Q2R y * q M a theta) +
    (Σ c ∈ on_transfers x, let '(y, i, theta) := c in Q2R y * t M i theta).
  Definition linear_rows (l : list linear_row) : Prop := forall x, In x l ->
    if is_equality x then form_of x = Q2R (bound_below x) else form_of x >= Q2R (bound_below x).

  Definition bayesian_IC : Prop := forall i k r, In i agents -> In k (types i) -> In r (types i) ->
    (0 < mass i k)%Q -> interim i k k >= interim i k r.
  Definition ex_post_IC : Prop := forall i theta r, In i agents -> In theta Theta -> In r (types i) ->
    payoff i theta (type_of theta i) >= payoff i theta r.
  Definition interim_IR : Prop := forall i k, In i agents -> In k (types i) ->
    (0 < mass i k)%Q -> interim i k k >= interim_outside i k.
  Definition interim_IR_binds : Prop := forall i k, In i agents -> In k (types i) ->
    (0 < mass i k)%Q -> interim i k k = interim_outside i k.
  Definition ex_post_IR : Prop := forall i theta, In i agents -> In theta Theta ->
    payoff i theta (type_of theta i) >= outside E i theta.
  Definition ex_post_BB : Prop := forall theta, In theta Theta -> (Σ i ∈ agents, t M i theta) = 0.
  Definition ex_post_weak_BB : Prop := forall theta, In theta Theta -> (Σ i ∈ agents, t M i theta) <= 0.
  Definition ex_ante_BB : Prop := (Σ theta ∈ Theta, prior E theta * Σ i ∈ agents, t M i theta) = 0.
  Definition ex_ante_weak_BB : Prop := (Σ theta ∈ Theta, prior E theta * Σ i ∈ agents, t M i theta) <= 0.

  Definition expected_revenue : R := - (Σ theta ∈ Theta, prior E theta * Σ i ∈ agents, t M i theta).
  Definition expected_surplus : R :=
    Σ theta ∈ Theta, Σ a ∈ outcomes, prior E theta * (surplus a theta * q M a theta).
  (** Interim payoffs, weighed type by type. *)
  Definition weighted_interim (w : nat -> nat -> Q) : R :=
    Σ i ∈ agents, Σ k ∈ types i, if Qle_bool (mass i k) 0 then 0 else w i k * interim i k k.
End Definitions.

(** Data are an environment: weights of beliefs are not negative; where there is a prior, it is a distribution. *)
Definition are_beliefs (E : environment) : Prop := forall i theta, In i (agents E) -> In theta (Theta E) ->
  (0 <= weight E i theta)%Q.
Definition is_distribution (E : environment) (p : profile -> Q) : Prop :=
  (forall theta, In theta (Theta E) -> (0 <= p theta)%Q) /\ (qsum (Theta E) p == 1)%Q.

Inductive ic_notion := BayesianIC | ExPostIC | NoIC.
Inductive ir_notion := InterimIR | InterimIRBinds | ExPostIR | NoIR.
Inductive bb_notion := ExPostBB | ExPostWeakBB | ExAnteBB | ExAnteWeakBB | NoBB.
Inductive allocation_rule :=
  Chosen | Efficient | Within (ok : nat -> profile -> bool) | Given (g : nat -> profile -> Q).
Inductive objective :=
  Revenue | Surplus | Linear (on_q on_t : nat -> profile -> Q) | WeightedInterim (w : nat -> nat -> Q) | Less (o : objective).

Record design := {
  ic : ic_notion; ir : ir_notion; bb : bb_notion; allocation : allocation_rule;
  low : nat -> profile -> option Q; high : nat -> profile -> option Q; own : list linear_row
}.

Definition satisfies (E : environment) (D : design) (M : mechanism) : Prop :=
  lotteries E M /\
  match allocation D with
  | Chosen => True | Efficient => efficient E M | Within ok => allocation_within E M ok | Given g => allocation_is E M g
  end /\
  transfers_within E M (low D) (high D) /\
  match ic D with BayesianIC => bayesian_IC E M | ExPostIC => ex_post_IC E M | NoIC => True end /\
  match ir D with
  | InterimIR => interim_IR E M | InterimIRBinds => interim_IR_binds E M | ExPostIR => ex_post_IR E M | NoIR => True
  end /\
  match bb D with
  | ExPostBB => ex_post_BB E M | ExPostWeakBB => ex_post_weak_BB E M
  | ExAnteBB => ex_ante_BB E M | ExAnteWeakBB => ex_ante_weak_BB E M | NoBB => True
  end /\
  linear_rows M (own D).

Fixpoint value (E : environment) (o : objective) (M : mechanism) : R :=
  match o with
  | Revenue => expected_revenue E M
  | Surplus => expected_surplus E M
  | Linear cq ct =>
      (Σ theta ∈ Theta E, (Σ a ∈ outcomes E, cq a theta * q M a theta) + (Σ i ∈ agents E, ct i theta * t M i theta))
  | WeightedInterim w => weighted_interim E M w
  | Less o => - value E o M
  end.

(** Tables of data: a number, one table for each type of the next agent, or the same table for all her types. *)
Inductive table := Val (x : Q) | Axis (l : list table) | Same (x : table).
Fixpoint look (x : table) (theta : profile) : Q :=
  match x, theta with
  | Val c, _ => c
  | Axis l, k :: rest => (fix go l k := match l, k with
      | [], _ => 0%Q | y :: _, O => look y rest | _ :: l', S k' => go l' k' end) l k
  | Same y, _ :: rest => look y rest
  | _, [] => 0%Q
  end.
Definition pick (l : list table) (k : nat) : profile -> Q := look (nth k l (Val 0%Q)).
Definition nth_of (l : list Q) (k : nat) : Q := nth k l 0%Q.
Definition nth_in (l : list (list Q)) (k s : nat) : Q := nth s (nth k l []) 0%Q.
Definition pick2 (l : list (list table)) (i a : nat) : profile -> Q := pick (nth i l []) a.

(** The type grid is what it should be. *)
Fixpoint valid (sizes : list nat) (theta : profile) : bool :=
  match sizes, theta with
  | [], [] => true
  | m :: rest, k :: theta' => (k <? m)%nat && valid rest theta'
  | _, _ => false
  end.

Lemma valid_grid s theta : valid s theta = true <-> In theta (grid s).
Proof.
  revert theta. induction s as [|m s IH]; intros theta; simpl.
  - destruct theta; simpl; split; intros H; auto; try discriminate. destruct H as [H|[]]; discriminate.
  - rewrite in_flat_map. destruct theta as [|k theta].
    + split; [discriminate|]. intros (x & _ & H). apply in_map_iff in H as (y & H & _). discriminate.
    + rewrite andb_true_iff, Nat.ltb_lt, IH. split.
      * intros [H1 H2]. exists k. split; [apply in_seq; lia|]. apply in_map_iff; eauto.
      * intros (x & H1 & H2). apply in_map_iff in H2 as (y & H & H2). inversion H; subst.
        apply in_seq in H1. split; [lia|assumption].
Qed.

Theorem Theta_spec E theta : In theta (Theta E) <->
  length theta = length (sizes E) /\ forall i, (i < length (sizes E))%nat -> (type_of theta i < nth i (sizes E) 0)%nat.
Proof.
  unfold Theta. rewrite <- valid_grid. generalize (sizes E) as s. intros s. revert theta.
  induction s as [|m s IH]; intros [|k theta]; simpl; split; intros H; try discriminate; auto.
  - split; auto. intros i Hi; lia.
  - destruct H; discriminate.
  - destruct H; discriminate.
  - apply andb_true_iff in H as [H1 H2]. apply Nat.ltb_lt in H1. apply IH in H2 as [H2 H3].
    split; [lia|]. intros [|i] Hi; simpl; auto. apply H3; lia.
  - destruct H as [H1 H2]. apply andb_true_iff. split.
    + apply Nat.ltb_lt. apply (H2 0%nat). lia.
    + apply IH. split; [lia|]. intros i Hi. apply (H2 (S i)). lia.
Qed.
