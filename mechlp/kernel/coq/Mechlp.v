(** Mechanism design with finitely many types: what an answer of mechlp says, and a checker proved sound.

    Part 1 is all that a reader needs to judge a statement: environments, mechanisms and their requirements, by
    quantifiers.  Data are rational; mechanisms range over the REAL numbers.  Part 2 is an executable checker of
    certificates over rationals.  Part 3 proves that what it accepts is true. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Reals Lra Lia.
Import ListNotations.
Open Scope R_scope.
Coercion Q2R : Q >-> R.

(** * Part 1: definitions *)

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
Definition pick (l : list table) (k : nat) (theta : profile) : Q := look (nth k l (Val 0%Q)) theta.
Definition nth_of (l : list Q) (k : nat) : Q := nth k l 0%Q.
Definition nth_in (l : list (list Q)) (k s : nat) : Q := nth s (nth k l []) 0%Q.
Definition pick2 (l : list (list table)) (i a : nat) (theta : profile) : Q := pick (nth i l []) a theta.

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

(** * Part 2: the checker *)

(** Sums and products without common divisors: data over one denominator stay over one. *)
Definition qadd (x y : Q) : Q :=
  if Z.eqb (Qnum x) 0 then y else if Z.eqb (Qnum y) 0 then x
  else if Pos.eqb (Qden x) (Qden y) then Qmake (Qnum x + Qnum y) (Qden x)
  else let (k, r) := Z.div_eucl (Zpos (Qden y)) (Zpos (Qden x)) in
  if Z.eqb r 0 then Qmake (Qnum x * k + Qnum y) (Qden y)
  else let (k, r) := Z.div_eucl (Zpos (Qden x)) (Zpos (Qden y)) in
  if Z.eqb r 0 then Qmake (Qnum x + Qnum y * k) (Qden x) else Qred (Qplus x y).
Definition qmul (x y : Q) : Q :=
  if Z.eqb (Qnum x) 0 then 0%Q else if Z.eqb (Qnum y) 0 then 0%Q else Qmult x y.

Fixpoint qtotal {X} (l : list X) (f : X -> Q) : Q := match l with [] => 0%Q | x :: l' => qadd (f x) (qtotal l' f) end.

(** Linear forms in a mechanism. *)
Inductive atom :=
| Pay (c : Q) (i : nat) (theta : profile) (r : nat)
| Money (c : Q) (i : nat) (theta : profile)
| Alloc (c : Q) (a : nat) (theta : profile)
| Const (c : Q).

Definition scale (y : Q) (x : atom) : atom :=
  match x with
  | Pay c i theta r => Pay (qmul y c) i theta r
  | Money c i theta => Money (qmul y c) i theta
  | Alloc c a theta => Alloc (qmul y c) a theta
  | Const c => Const (qmul y c)
  end.

(** The profiles at which agent [i] has type [k], without a look at the others. *)
Fixpoint slice (sizes : list nat) (i k : nat) : list profile :=
  match sizes, i with
  | [], _ => []
  | _ :: rest, O => map (cons k) (grid rest)
  | m :: rest, S j => let g := slice rest j k in flat_map (fun x => map (cons x) g) (seq 0 m)
  end.

(** Coefficients, collected profile by profile: on q and on t. *)
Inductive trie := Node (cq ct : list Q) (children : list trie).
Definition empty := Node [] [] [].

Fixpoint vadd (x y : list Q) : list Q :=
  match x, y with [], _ => y | _, [] => x | a :: x', b :: y' => qadd a b :: vadd x' y' end.
Fixpoint unit (i : nat) (c : Q) : list Q := match i with O => [c] | S j => 0%Q :: unit j c end.
Fixpoint upd (k : nat) (g : trie -> trie) (l : list trie) : list trie :=
  match k, l with
  | O, [] => [g empty]
  | O, x :: l' => g x :: l'
  | S k', [] => empty :: upd k' g []
  | S k', x :: l' => x :: upd k' g l'
  end.
Fixpoint add (key : profile) (cq ct : list Q) (T : trie) : trie :=
  match key, T with
  | [], Node dq dt ch => Node (vadd cq dq) (vadd ct dt) ch
  | k :: key', Node dq dt ch => Node dq dt (upd k (add key' cq ct) ch)
  end.

Inductive requirement :=
| IC (i k r : nat) | ICat (i : nat) (theta : profile) (r : nat)
| IR (i k : nat) | IRat (i : nat) (theta : profile)
| BB | BBat (theta : profile) | Own (k : nat).

Section Checker.
  Variable E : environment.
  Variable D : design.

  Definition scatter1 (x : atom) (s : trie * Q) : trie * Q :=
    let (T, b) := s in
    match x with
    | Pay c i theta r =>
        (add (report theta i r) (map (fun a => qmul c (u E i a theta)) (outcomes E)) (unit i c) T, b)
    | Money c i theta => (add theta [] (unit i c) T, b)
    | Alloc c a theta => (add theta (unit a c) [] T, b)
    | Const c => (T, qadd c b)
    end.
  Definition scatter (l : list atom) (s : trie * Q) : trie * Q := fold_left (fun s x => scatter1 x s) l s.

  Definition cells (i k : nat) : list profile := slice (sizes E) i k.
  Definition total (i k : nat) : Q := qtotal (cells i k) (weight E i).

  Definition worth (a : nat) (theta : profile) : Q := qtotal (agents E) (fun i => u E i a theta).

  Definition no_row : linear_row :=
    {| on_chances := []; on_transfers := []; is_equality := false; bound_below := 0 |}.
  Definition own_atoms (x : linear_row) : list atom :=
    Const (Qopp (bound_below x)) :: map (fun c => let '(y, a, theta) := c in Alloc y a theta) (on_chances x) ++
    map (fun c => let '(y, i, theta) := c in Money y i theta) (on_transfers x).

  Definition money_out : list atom :=
    flat_map (fun theta => map (fun i => Money (Qopp (prior E theta)) i theta) (agents E)) (Theta E).

  (** The slack of a requirement as a linear form; those of a belief are multiplied by the type's total weight. *)
  Definition atoms (x : requirement) : list atom :=
    match x with
    | IC i k r => flat_map (fun theta => let c := weight E i theta in
        if Qeq_bool c 0 then [] else [Pay c i theta k; Pay (Qopp c) i theta r]) (cells i k)
    | ICat i theta r => [Pay 1 i theta (type_of theta i); Pay (-1) i theta r]
    | IR i k => flat_map (fun theta => let c := weight E i theta in
        if Qeq_bool c 0 then [] else [Pay c i theta k; Const (qmul (Qopp c) (outside E i theta))]) (cells i k)
    | IRat i theta => [Pay 1 i theta (type_of theta i); Const (Qopp (outside E i theta))]
    | BB => money_out
    | BBat theta => map (fun i => Money (-1) i theta) (agents E)
    | Own k => own_atoms (nth k (own D) no_row)
    end.

  Fixpoint goal (o : objective) : list atom :=
    match o with
    | Revenue => money_out
    | Surplus => flat_map (fun theta => map (fun a => Alloc (qmul (prior E theta) (worth a theta)) a theta) (outcomes E)) (Theta E)
    | Linear cq ct => flat_map (fun theta => map (fun a => Alloc (cq a theta) a theta) (outcomes E) ++
                                             map (fun i => Money (ct i theta) i theta) (agents E)) (Theta E)
    | WeightedInterim w => flat_map (fun i => flat_map (fun k =>
        let m := total i k in
        if Qle_bool m 0 then [] else
        let y := Qred (w i k / m) in
        map (fun theta => Pay (qmul y (weight E i theta)) i theta k) (cells i k)) (types E i)) (agents E)
    | Less o => map (scale (-1)) (goal o)
    end.

  Definition is_agent (i : nat) : bool := (i <? length (sizes E))%nat.
  Definition is_type (i k : nat) : bool := (k <? nth i (sizes E) 0)%nat.
  Definition believes (i k : nat) : bool := negb (Qle_bool (total i k) 0).

  (** Whether the design asks it, and as an equality. *)
  Definition asked (x : requirement) : bool :=
    match x, ic D, ir D, bb D with
    | IC i k r, BayesianIC, _, _ => is_agent i && is_type i k && is_type i r && believes i k
    | ICat i theta r, ExPostIC, _, _ => is_agent i && valid (sizes E) theta && is_type i r
    | IR i k, _, (InterimIR | InterimIRBinds), _ => is_agent i && is_type i k && believes i k
    | IRat i theta, _, ExPostIR, _ => is_agent i && valid (sizes E) theta
    | BB, _, _, (ExAnteBB | ExAnteWeakBB) => true
    | BBat theta, _, _, (ExPostBB | ExPostWeakBB) => valid (sizes E) theta
    | Own k, _, _, _ => (k <? length (own D))%nat
    | _, _, _, _ => false
    end.
  Definition equality (x : requirement) : bool :=
    match x, ir D, bb D with
    | Own k, _, _ => is_equality (nth k (own D) no_row)
    | IR _ _, InterimIRBinds, _ | BB, _, ExAnteBB | BBat _, _, ExPostBB => true
    | _, _, _ => false
    end.

  Definition may_use (a : nat) (theta : profile) : bool :=
    match allocation D with
    | Efficient => let w := worth a theta in forallb (fun b => Qle_bool (worth b theta) w) (outcomes E)
    | Within ok => ok a theta
    | _ => true
    end.

  (** The largest value of one profile's coefficients over lotteries and transfers. *)
  Definition best_lottery (cq : list Q) (theta : profile) : option Q :=
    match cq, allocation D with
    | [], _ => Some 0%Q
    | _, Given g => Some (qtotal (outcomes E) (fun a => qmul (nth a cq 0%Q) (g a theta)))
    | _, _ =>
        match filter (fun a => may_use a theta) (outcomes E) with
        | [] => None
        | a0 :: rest => Some (fold_left (fun b a => if Qle_bool b (nth a cq 0%Q) then nth a cq 0%Q else b) rest (nth a0 cq 0%Q))
        end
    end.
  Fixpoint best_transfers (theta : profile) (i : nat) (ct : list Q) : option Q :=
    match ct with
    | [] => Some 0%Q
    | c :: rest =>
        match best_transfers theta (S i) rest with
        | None => None
        | Some b =>
            if Qeq_bool c 0 then Some b
            else if Qle_bool 0 c
              then match high D i theta with Some h => Some (qadd (qmul c h) b) | None => None end
              else match low D i theta with Some l => Some (qadd (qmul c l) b) | None => None end
        end
    end.
  Definition leaf (theta : profile) (cq ct : list Q) : option Q :=
    match cq, ct with
    | [], [] => Some 0%Q
    | _, _ =>
      if valid (sizes E) theta && (length cq <=? num_outcomes E)%nat && (length ct <=? length (sizes E))%nat then
        match best_lottery cq theta, best_transfers theta 0 ct with
        | Some x, Some y => Some (qadd x y)
        | _, _ => None
        end
      else None
    end.

  Fixpoint largest (B : profile -> list Q -> list Q -> option Q) (T : trie) : option Q :=
    match T with
    | Node cq ct ch =>
        match B [] cq ct, (fix go j l := match l with
            | [] => Some 0%Q
            | T' :: l' => match largest (fun th => B (j :: th)) T', go (S j) l' with
                          | Some x, Some y => Some (qadd x y) | _, _ => None end
            end) 0%nat ch with
        | Some x, Some y => Some (qadd x y)
        | _, _ => None
        end
    end.

  Definition certificate := list (Q * requirement).
  Definition sign_correct (c : Q * requirement) : bool :=
    asked (snd c) && (equality (snd c) || Qle_bool 0 (fst c)).
  Definition combine (o : list atom) (c : certificate) : trie * Q :=
    fold_left (fun s yx => scatter (map (scale (fst yx)) (atoms (snd yx))) s) c (scatter o (empty, 0%Q)).
  Definition upper (o : list atom) (c : certificate) : option Q :=
    if forallb sign_correct c then
      let (T, b) := combine o c in
      match largest leaf T with Some x => Some (qadd x b) | None => None end
    else None.

  Definition refutes (c : certificate) : bool :=
    match upper [] c with Some b => negb (Qle_bool 0 b) | None => false end.
  Definition bounds (o : objective) (v : Q) (c : certificate) : bool :=
    match upper (goal o) c with Some b => Qle_bool b v | None => false end.

  (** Mechanisms, evaluated at every requirement. *)
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).
  Definition at_atom (x : atom) : Q :=
    match x with
    | Pay c i theta r => let th := report theta i r in
        if Qeq_bool c 0 then 0%Q else
        qmul c (qadd (qtotal (outcomes E) (fun a => let y := fst m a th in if Qeq_bool y 0 then 0%Q else qmul (u E i a theta) y)) (snd m i th))
    | Money c i theta => qmul c (snd m i theta)
    | Alloc c a theta => qmul c (fst m a theta)
    | Const c => c
    end.
  Fixpoint at_form (l : list atom) : Q := match l with [] => 0%Q | x :: l' => qadd (at_atom x) (at_form l') end.
  Definition requirements : list requirement :=
    match ic D with
    | BayesianIC => []  (* [lies_fine] *)
    | ExPostIC => flat_map (fun i => flat_map (fun theta => map (fun r => ICat i theta r) (types E i)) (Theta E)) (agents E)
    | NoIC => []
    end ++
    match ir D with
    | InterimIR | InterimIRBinds => flat_map (fun i => map (fun k => IR i k) (filter (believes i) (types E i))) (agents E)
    | ExPostIR => flat_map (fun i => map (fun theta => IRat i theta) (Theta E)) (agents E)
    | NoIR => []
    end ++
    match bb D with
    | ExPostBB | ExPostWeakBB => map BBat (Theta E)
    | ExAnteBB | ExAnteWeakBB => [BB]
    | NoBB => []
    end ++ map Own (seq 0 (length (own D))).
  Definition holds (x : requirement) : bool :=
    let s := at_form (atoms x) in if equality x then Qeq_bool s 0 else Qle_bool 0 s.
  Definition proper : bool :=
    forallb (fun theta =>
      forallb (fun a => Qle_bool 0 (fst m a theta) &&
        (Qeq_bool (fst m a theta) 0 || may_use a theta) &&
        match allocation D with Given g => Qeq_bool (fst m a theta) (g a theta) | _ => true end) (outcomes E) &&
      Qeq_bool (qtotal (outcomes E) (fun a => fst m a theta)) 1 &&
      forallb (fun i => match low D i theta with Some l => Qle_bool l (snd m i theta) | None => true end &&
                        match high D i theta with Some h => Qle_bool (snd m i theta) h | None => true end) (agents E)) (Theta E).
  (** What a report brings, profile by profile of the others: outcomes with their chances, and money. *)
  Definition brings (i r : nat) : list (list (nat * Q) * Q) := map (fun th =>
    (filter (fun y => negb (Qeq_bool (snd y) 0)) (map (fun a => (a, fst m a th)) (outcomes E)), snd m i th)) (cells i r).
  (** What that is worth to a type, times her total weight. *)
  Fixpoint told (i : nat) (weighed : list (profile * Q)) (brought : list (list (nat * Q) * Q)) : Q :=
    match weighed, brought with
    | (th, c) :: l, (ys, x) :: l' =>
        let rest := told i l l' in if Qeq_bool c 0 then rest else
        qadd (qmul c (qadd (qtotal ys (fun y => qmul (u E i (fst y) th) (snd y))) x)) rest
    | _, _ => 0%Q
    end.
  Definition lies_fine : bool := forallb (fun i => let reports := map (brings i) (types E i) in
    forallb (fun k => let weighed := map (fun th => (th, weight E i th)) (cells i k) in
      let truth := told i weighed (brings i k) in forallb (fun b => Qle_bool (told i weighed b) truth) reports)
    (filter (believes i) (types E i))) (agents E).
  Definition passes : bool := proper && (match ic D with BayesianIC => lies_fine | _ => true end && forallb holds requirements).
  Definition attains (o : objective) (v : Q) : bool := passes && Qeq_bool (at_form (goal o)) v.
End Checker.

(** * Part 3: the checker is sound *)

Arguments Q2R : simpl never.
Arguments Qred : simpl never.
Arguments Qplus : simpl never.
Arguments Qmult : simpl never.
Arguments Qdiv : simpl never.
Arguments Qopp : simpl never.
Arguments qadd : simpl never.
Arguments qmul : simpl never.

Lemma Q2R_zero : Q2R 0 = 0. Proof. unfold Q2R; cbn; lra. Qed.
Lemma Q2R_one : Q2R 1 = 1. Proof. unfold Q2R; simpl; lra. Qed.
Lemma Q2R_minus1 : Q2R (-1) = -1. Proof. unfold Q2R; simpl; lra. Qed.
Lemma Qred_R x : Q2R (Qred x) = Q2R x. Proof. apply Qeq_eqR, Qred_correct. Qed.
Lemma qadd_eq x y : (qadd x y == x + y)%Q.
Proof.
  unfold qadd. destruct x as [a d], y as [b e]. cbn [Qnum Qden].
  destruct (Z.eqb_spec a 0) as [->|_]; [unfold Qeq, Qplus; cbn [Qnum Qden]; rewrite ?Pos2Z.inj_mul; ring|].
  destruct (Z.eqb_spec b 0) as [->|_]; [unfold Qeq, Qplus; cbn [Qnum Qden]; rewrite ?Pos2Z.inj_mul; ring|].
  destruct (Pos.eqb_spec d e) as [->|_]; [unfold Qeq, Qplus; cbn [Qnum Qden]; rewrite ?Pos2Z.inj_mul; ring|].
  pose proof (Z_div_mod (Zpos e) (Zpos d) ltac:(reflexivity)) as H1.
  destruct (Z.div_eucl (Zpos e) (Zpos d)) as [k r]. destruct H1 as [H1 _].
  destruct (Z.eqb_spec r 0) as [->|_].
  { unfold Qeq, Qplus. cbn [Qnum Qden]. rewrite Pos2Z.inj_mul, H1. ring. }
  pose proof (Z_div_mod (Zpos d) (Zpos e) ltac:(reflexivity)) as H2.
  destruct (Z.div_eucl (Zpos d) (Zpos e)) as [k' r']. destruct H2 as [H2 _].
  destruct (Z.eqb_spec r' 0) as [->|_].
  { unfold Qeq, Qplus. cbn [Qnum Qden]. rewrite Pos2Z.inj_mul, H2. ring. }
  apply Qred_correct.
Qed.
Lemma qadd_R x y : Q2R (qadd x y) = Q2R x + Q2R y.
Proof. rewrite <- Q2R_plus. apply Qeq_eqR, qadd_eq. Qed.
Lemma qmul_R x y : Q2R (qmul x y) = Q2R x * Q2R y.
Proof.
  rewrite <- Q2R_mult. apply Qeq_eqR. unfold qmul. destruct x as [a d], y as [b e]. cbn [Qnum Qden].
  destruct (Z.eqb_spec a 0) as [->|_]; [unfold Qeq, Qmult; cbn [Qnum Qden]; rewrite ?Pos2Z.inj_mul; ring|].
  destruct (Z.eqb_spec b 0) as [->|_]; [unfold Qeq, Qmult; cbn [Qnum Qden]; rewrite ?Pos2Z.inj_mul; ring|]. reflexivity.
Qed.
Lemma le_R x y : Qle_bool x y = true -> Q2R x <= Q2R y.
Proof. intros H. apply Qle_Rle, Qle_bool_iff, H. Qed.
Lemma nle_R x y : Qle_bool x y = false -> Q2R y < Q2R x.
Proof. intros H. apply Qlt_Rlt. apply Qnot_le_lt. intros H'. apply Qle_bool_iff in H'. congruence. Qed.
Lemma eq_R x y : Qeq_bool x y = true -> Q2R x = Q2R y.
Proof. intros H. apply Qeq_eqR, Qeq_bool_iff, H. Qed.

Lemma sum_app {X} (l l' : list X) f : sum (l ++ l') f = sum l f + sum l' f.
Proof. induction l; simpl; lra. Qed.
Lemma sum_map {X Y} (g : X -> Y) l f : sum (map g l) f = sum l (fun x => f (g x)).
Proof. induction l; simpl; auto. rewrite IHl; auto. Qed.
Lemma sum_flat_map {X Y} (g : X -> list Y) l f : sum (flat_map g l) f = sum l (fun x => sum (g x) f).
Proof. induction l; simpl; auto. rewrite sum_app, IHl; auto. Qed.
Lemma sum_plus {X} (l : list X) f g : sum l (fun x => f x + g x) = sum l f + sum l g.
Proof. induction l; simpl; lra. Qed.
Lemma sum_times {X} (l : list X) c f : sum l (fun x => c * f x) = c * sum l f.
Proof. induction l; simpl; [|rewrite IHl]; lra. Qed.
Lemma sum_ext {X} (l : list X) f g : (forall x, In x l -> f x = g x) -> sum l f = sum l g.
Proof. induction l; simpl; intros H; auto. rewrite H, IHl; auto. Qed.
Lemma sum_le {X} (l : list X) f g : (forall x, In x l -> f x <= g x) -> sum l f <= sum l g.
Proof. induction l; simpl; intros H; [lra|]. apply Rplus_le_compat; auto. Qed.
Lemma qsum_R {X} (l : list X) f : Q2R (qsum l f) = sum l (fun x => Q2R (f x)).
Proof. induction l; simpl; [apply Q2R_zero|]. rewrite Q2R_plus, IHl; auto. Qed.

Fixpoint dot (c : list Q) (f : nat -> R) (k : nat) : R :=
  match c with [] => 0 | x :: c' => Q2R x * f k + dot c' f (S k) end.
Lemma dot_vadd f : forall x y k, dot (vadd x y) f k = dot x f k + dot y f k.
Proof.
  induction x as [|a x IH]; intros [|b y] k; simpl; try lra. rewrite qadd_R, IH. lra.
Qed.
Lemma dot_unit f c : forall i k, dot (unit i c) f k = Q2R c * f (k + i)%nat.
Proof.
  induction i; intros k; simpl.
  - rewrite Nat.add_0_r; lra.
  - rewrite IHi, Q2R_zero. replace (S k + i)%nat with (k + S i)%nat by lia. lra.
Qed.
Lemma dot_seq h f : forall n k, dot (map h (seq k n)) f k = sum (seq k n) (fun a => Q2R (h a) * f a).
Proof. induction n; intros k; simpl; auto. rewrite IHn; auto. Qed.
Lemma dot_nth f : forall c n k, (length c <= n)%nat ->
  dot c f k = sum (seq k n) (fun a => Q2R (nth (a - k) c 0%Q) * f a).
Proof.
  induction c as [|x c IH]; intros n k H; simpl.
  - rewrite (sum_ext _ _ (fun _ => 0 * 0)); [rewrite sum_times; lra|].
    intros a _. destruct (a - k)%nat; rewrite Q2R_zero; lra.
  - destruct n; simpl in H; [lia|]. simpl. rewrite Nat.sub_diag. f_equal. rewrite (IH n); [|lia].
    apply sum_ext. intros a Ha. apply in_seq in Ha. replace (a - k)%nat with (S (a - S k)) by lia. auto.
Qed.

Fixpoint evT (f g : profile -> nat -> R) (T : trie) : R :=
  match T with
  | Node cq ct ch => dot cq (f []) 0 + dot ct (g []) 0 +
      (fix go j l := match l with
       | [] => 0
       | T' :: l' => evT (fun th => f (j :: th)) (fun th => g (j :: th)) T' + go (S j) l'
       end) 0%nat ch
  end.
Fixpoint evs (f g : profile -> nat -> R) (j : nat) (l : list trie) : R :=
  match l with
  | [] => 0
  | T' :: l' => evT (fun th => f (j :: th)) (fun th => g (j :: th)) T' + evs f g (S j) l'
  end.
Lemma evT_node f g cq ct ch : evT f g (Node cq ct ch) = dot cq (f []) 0 + dot ct (g []) 0 + evs f g 0 ch.
Proof.
  simpl. f_equal. generalize 0%nat. induction ch as [|T' ch IH]; intros j; simpl; auto. rewrite IH; auto.
Qed.
Lemma evT_empty f g : evT f g empty = 0. Proof. simpl. lra. Qed.

Lemma evs_upd G (d : (profile -> nat -> R) -> (profile -> nat -> R) -> R) :
  (forall f g T, evT f g (G T) = evT f g T + d f g) ->
  forall k f g j l, evs f g j (upd k G l) =
    evs f g j l + d (fun th => f ((j + k)%nat :: th)) (fun th => g ((j + k)%nat :: th)).
Proof.
  intros H. induction k; intros f g j [|T' l]; simpl; rewrite ?H, ?IHk, ?Nat.add_0_r; simpl;
    try (replace (S (j + k)) with (j + S k)%nat by lia); lra.
Qed.

Lemma evT_add cq ct : forall key f g T,
  evT f g (add key cq ct T) = evT f g T + (dot cq (f key) 0 + dot ct (g key) 0).
Proof.
  induction key as [|k key IH]; intros f g [dq dt ch].
  - simpl add. rewrite !evT_node, !dot_vadd. lra.
  - simpl add. rewrite !evT_node.
    rewrite (evs_upd (add key cq ct) (fun f g => dot cq (f key) 0 + dot ct (g key) 0)); auto. simpl. lra.
Qed.

Lemma largest_sound : forall T B f g b,
  (forall th cq ct x, B th cq ct = Some x -> dot cq (f th) 0 + dot ct (g th) 0 <= Q2R x) ->
  largest B T = Some b -> evT f g T <= Q2R b.
Proof.
  fix IH 1. intros [cq ct ch] B f g b HB H. rewrite evT_node.
  simpl in H. destruct (B [] cq ct) as [x|] eqn:Hx; [|discriminate].
  apply HB in Hx.
  match type of H with match ?G 0%nat ch with _ => _ end = _ => set (go := G) in H end.
  destruct (go 0%nat ch) as [y|] eqn:Hy; [|discriminate]. inversion H; subst b. rewrite qadd_R.
  enough (forall j y, go j ch = Some y -> evs f g j ch <= Q2R y) by (specialize (H0 _ _ Hy); lra).
  clear Hy y H Hx x. induction ch as [|T' ch IHch]; intros j y Hy; simpl in *.
  - inversion Hy. rewrite Q2R_zero; lra.
  - destruct (largest _ T') as [a|] eqn:Ha; [|discriminate].
    destruct (go (S j) ch) as [c|] eqn:Hc; [|discriminate]. inversion Hy; subst. rewrite qadd_R.
    apply IHch in Hc.
    apply (IH T' _ (fun th => f (j :: th)) (fun th => g (j :: th))) in Ha; [lra|].
    intros th cq' ct' z Hz. apply (HB _ _ _ _ Hz).
Qed.

Lemma fold_max h : forall l b0,
  Q2R b0 <= Q2R (fold_left (fun b a => if Qle_bool b (h a) then h a else b) l b0) /\
  forall a : nat, In a l -> Q2R (h a) <= Q2R (fold_left (fun b a => if Qle_bool b (h a) then h a else b) l b0).
Proof.
  induction l as [|a l IH]; intros b0; simpl; [split; [lra|tauto]|].
  destruct (Qle_bool b0 (h a)) eqn:Hb.
  - apply le_R in Hb. destruct (IH (h a)) as [H1 H2]. split; [lra|]. intros c [->|Hc]; auto.
  - apply nle_R in Hb. destruct (IH b0) as [H1 H2]. split; auto. intros c [->|Hc]; auto. lra.
Qed.

Lemma filter_none {X} (p : X -> bool) l : (forall x, In x l -> p x = false) -> filter p l = [].
Proof. induction l; simpl; intros H; auto. rewrite H, IHl; auto. Qed.
Lemma filter_all {X} (p : X -> bool) l : (forall x, In x l -> p x = true) -> filter p l = l.
Proof. induction l; simpl; intros H; auto. rewrite H, IHl; auto. Qed.
Lemma filter_flat_map {X Y} (p : Y -> bool) (g : X -> list Y) l :
  filter p (flat_map g l) = flat_map (fun x => filter p (g x)) l.
Proof. induction l; simpl; auto. rewrite filter_app, IHl; auto. Qed.
Lemma filter_map {X Y} (p : Y -> bool) (g : X -> Y) l : filter p (map g l) = map g (filter (fun x => p (g x)) l).
Proof. induction l; simpl; auto. rewrite IHl. destruct (p (g a)); auto. Qed.
Lemma flat_map_none {X Y} (g : X -> list Y) l : (forall x, In x l -> g x = []) -> flat_map g l = [].
Proof. induction l; simpl; intros H; auto. rewrite H, IHl; auto. Qed.

Lemma slice_filter : forall s i k, (i < length s)%nat -> (k < nth i s 0)%nat ->
  filter (fun theta => type_of theta i =? k)%nat (grid s) = slice s i k.
Proof.
  induction s as [|m s IH]; intros [|i] k Hi Hk; simpl in *; try lia; rewrite filter_flat_map.
  - replace m with (k + (1 + (m - k - 1)))%nat by lia. rewrite seq_app, seq_app, !flat_map_app. simpl.
    rewrite (flat_map_none _ (seq 0 k)), (flat_map_none _ (seq (k + 1) _)); simpl.
    + rewrite !app_nil_r. apply filter_all. intros x Hx. apply in_map_iff in Hx as (y & <- & _). apply Nat.eqb_refl.
    + intros x Hx. apply in_seq in Hx. apply filter_none. intros y Hy. apply in_map_iff in Hy as (z & <- & _).
      apply Nat.eqb_neq. unfold type_of. simpl. lia.
    + intros x Hx. apply in_seq in Hx. apply filter_none. intros y Hy. apply in_map_iff in Hy as (z & <- & _).
      apply Nat.eqb_neq. unfold type_of. simpl. lia.
  - rewrite <- IH; try lia. generalize (seq 0 m). induction l; simpl; auto. rewrite filter_map, IHl. reflexivity.
Qed.
Lemma qtotal_eq {X} (l : list X) f : (qtotal l f == qsum l f)%Q.
Proof. induction l; simpl; [reflexivity|]. rewrite qadd_eq, IHl. reflexivity. Qed.

Lemma qtotal_R {X} (l : list X) f : Q2R (qtotal l f) = sum l (fun x => Q2R (f x)).
Proof. rewrite (Qeq_eqR _ _ (qtotal_eq l f)). apply qsum_R. Qed.

Section Soundness.
  Variable E : environment.
  Variable D : design.
  Variable M : mechanism.

  Definition evA (x : atom) : R :=
    match x with
    | Pay c i theta r => Q2R c * payoff E M i theta r
    | Money c i theta => Q2R c * t M i theta
    | Alloc c a theta => Q2R c * q M a theta
    | Const c => Q2R c
    end.
  Definition evL (l : list atom) : R := sum l evA.
  Definition evS (s : trie * Q) : R :=
    evT (fun th a => q M a th) (fun th i => t M i th) (fst s) + Q2R (snd s).

  Lemma evL_scale y l : evL (map (scale y) l) = Q2R y * evL l.
  Proof.
    unfold evL. rewrite sum_map, <- sum_times. apply sum_ext. intros [] _; simpl; rewrite qmul_R; lra.
  Qed.
  Lemma scatter1_sound x s : evS (scatter1 E x s) = evS s + evA x.
  Proof.
    destruct s as [T b]. destruct x; unfold evS; simpl; rewrite ?evT_add, ?dot_unit, ?qadd_R; simpl; try lra.
    unfold payoff, outcomes. rewrite dot_seq, Rmult_plus_distr_l, <- sum_times.
    rewrite (sum_ext _ _ (fun a => Q2R c * (Q2R (u E i a theta) * q M a (report theta i r)))); [lra|].
    intros a _. rewrite qmul_R. lra.
  Qed.
  Lemma scatter_sound l : forall s, evS (scatter E l s) = evS s + evL l.
  Proof.
    unfold scatter, evL. induction l as [|x l IH]; intros s; simpl; [lra|]. rewrite IH, scatter1_sound. lra.
  Qed.
  Lemma combine_sound o c : evS (combine E D o c) = evL o + sum c (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx))).
  Proof.
    unfold combine.
    enough (forall s, evS (fold_left (fun s yx => scatter E (map (scale (fst yx)) (atoms E D (snd yx))) s) c s) =
                      evS s + sum c (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx)))).
    { rewrite H, scatter_sound. unfold evS. simpl. rewrite Q2R_zero. lra. }
    induction c as [|[y x] c IH]; intros s; simpl; [lra|]. rewrite IH, scatter_sound, evL_scale. lra.
  Qed.

  Definition slack (x : requirement) : R :=
    match x with
    | IC i k r => Q2R (mass E i k) * (interim E M i k k - interim E M i k r)
    | ICat i theta r => payoff E M i theta (type_of theta i) - payoff E M i theta r
    | IR i k => Q2R (mass E i k) * (interim E M i k k - interim_outside E i k)
    | IRat i theta => payoff E M i theta (type_of theta i) - Q2R (outside E i theta)
    | BB => - (Σ theta ∈ Theta E, prior E theta * Σ i ∈ agents E, t M i theta)
    | BBat theta => - (Σ i ∈ agents E, t M i theta)
    | Own k => form_of M (nth k (own D) (no_row)) - Q2R (bound_below (nth k (own D) no_row))
    end.

  Lemma is_agent_in i : is_agent E i = true <-> In i (agents E).
  Proof. unfold is_agent, agents. rewrite Nat.ltb_lt, in_seq. lia. Qed.
  Lemma is_type_in i k : is_type E i k = true <-> In k (types E i).
  Proof. unfold is_type, types. rewrite Nat.ltb_lt, in_seq. lia. Qed.
  Lemma cells_of_type i k : In i (agents E) -> In k (types E i) -> cells E i k = of_type E i k.
  Proof.
    unfold agents, types, cells, of_type, Theta. rewrite !in_seq. intros Hi Hk. symmetry. apply slice_filter; lia.
  Qed.
  Lemma total_mass i k : In i (agents E) -> In k (types E i) -> (total E i k == mass E i k)%Q.
  Proof. intros Hi Hk. unfold total, mass. rewrite cells_of_type; auto. apply qtotal_eq. Qed.
  Lemma believes_pos i k : In i (agents E) -> In k (types E i) -> believes E i k = true <-> (0 < mass E i k)%Q.
  Proof.
    intros Hi Hk. unfold believes. rewrite negb_true_iff, <- (total_mass i k Hi Hk). split; intros H.
    - apply Qnot_le_lt. intros H'. apply Qle_bool_iff in H'. congruence.
    - apply not_true_is_false. intros H'. apply Qle_bool_iff in H'. apply (Qlt_not_le _ _ H H').
  Qed.
  Lemma mass_R i k : (0 < mass E i k)%Q -> 0 < Q2R (mass E i k).
  Proof. intros H. rewrite <- Q2R_zero. apply Qlt_Rlt, H. Qed.
  Lemma average i k f : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    Q2R (mass E i k) * ((Σ theta ∈ of_type E i k, Q2R (weight E i theta) * f theta) / Q2R (mass E i k)) =
    Σ theta ∈ cells E i k, Q2R (weight E i theta) * f theta.
  Proof.
    intros Hi Hk H. apply mass_R in H. rewrite cells_of_type; auto. field. lra.
  Qed.
  Lemma sum_minus {X} (l : list X) f g : sum l f - sum l g = sum l (fun x => f x - g x).
  Proof. induction l; simpl; [lra|]. rewrite <- IHl. lra. Qed.
  Lemma sum_opp {X} (l : list X) f : - sum l f = sum l (fun x => - f x).
  Proof. induction l; simpl; [lra|]. rewrite <- IHl. lra. Qed.

  Lemma ic_slack i k r : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    evL (atoms E D (IC i k r)) = slack (IC i k r).
  Proof.
    intros Hi Hk H. unfold evL. simpl. unfold interim.
    rewrite sum_flat_map, Rmult_minus_distr_l, !average, sum_minus; auto.
    apply sum_ext. intros th _. destruct (Qeq_bool (weight E i th) 0) eqn:Hz; simpl.
    - apply eq_R in Hz. rewrite Hz, Q2R_zero. lra.
    - rewrite Q2R_opp. lra.
  Qed.
  Lemma ir_slack i k : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    evL (atoms E D (IR i k)) = slack (IR i k).
  Proof.
    intros Hi Hk H. unfold evL. simpl. unfold interim, interim_outside.
    rewrite sum_flat_map, Rmult_minus_distr_l, !average, sum_minus; auto.
    apply sum_ext. intros th _. destruct (Qeq_bool (weight E i th) 0) eqn:Hz; simpl.
    - apply eq_R in Hz. rewrite Hz, Q2R_zero. lra.
    - rewrite qmul_R, Q2R_opp. lra.
  Qed.
  Lemma asked_ic i k r : asked E D (IC i k r) = true ->
    ic D = BayesianIC /\ In i (agents E) /\ In k (types E i) /\ In r (types E i) /\ (0 < mass E i k)%Q.
  Proof.
    simpl. destruct (ic D); try discriminate. rewrite !andb_true_iff, !is_agent_in, !is_type_in.
    intros [[[H1 H2] H3] H4]. apply believes_pos in H4; auto.
  Qed.
  Lemma asked_ir i k : asked E D (IR i k) = true ->
    (ir D = InterimIR \/ ir D = InterimIRBinds) /\ In i (agents E) /\ In k (types E i) /\ (0 < mass E i k)%Q.
  Proof.
    simpl. destruct (ic D), (ir D); try discriminate; rewrite !andb_true_iff, !is_agent_in, !is_type_in;
      intros [[H1 H2] H3]; apply believes_pos in H3; auto.
  Qed.

  Lemma atoms_slack x : asked E D x = true -> evL (atoms E D x) = slack x.
  Proof.
    destruct x; intros H.
    - apply asked_ic in H as (_ & Hi & Hk & _ & Hm). apply ic_slack; auto.
    - unfold evL; simpl. rewrite Q2R_one, Q2R_minus1. lra.
    - apply asked_ir in H as (_ & Hi & Hk & Hm). apply ir_slack; auto.
    - unfold evL; simpl. rewrite Q2R_one, Q2R_opp. lra.
    - unfold evL; simpl. unfold money_out. rewrite sum_flat_map, sum_opp. apply sum_ext. intros th _.
      rewrite sum_map. simpl. rewrite sum_times, Q2R_opp. lra.
    - unfold evL; simpl. rewrite sum_map. simpl. rewrite sum_times, Q2R_minus1. lra.
    - unfold evL; simpl. rewrite sum_app, !sum_map, Q2R_opp. unfold form_of.
      rewrite (sum_ext (on_chances _) _ (fun c => let '(y, a, th) := c in Q2R y * q M a th))
        by (intros [[y a] th] _; reflexivity).
      rewrite (sum_ext (on_transfers _) _ (fun c => let '(y, i, th) := c in Q2R y * t M i th))
        by (intros [[y a] th] _; reflexivity). lra.
  Qed.

  Lemma slack_holds x : satisfies E D M -> asked E D x = true ->
    if equality D x then slack x = 0 else 0 <= slack x.
  Proof.
    intros (_ & _ & _ & Hic & Hir & Hbb & Hown) H. unfold equality.
    destruct x; simpl slack.
    7: { simpl in H. assert (Hk : (k <? length (own D))%nat = true) by (destruct (ic D), (ir D), (bb D); exact H).
         apply Nat.ltb_lt in Hk. specialize (Hown _ (nth_In _ no_row Hk)).
         destruct (is_equality _); lra. }
    - apply asked_ic in H as (H0 & H1 & H2 & H3 & H4). rewrite H0 in Hic.
      specialize (Hic i k r H1 H2 H3 H4). apply Rmult_le_pos; [apply Rlt_le, mass_R, H4|lra].
    - simpl in H. destruct (ic D); try discriminate. rewrite !andb_true_iff in H. destruct H as [[H1 H2] H3].
      apply is_agent_in in H1. apply valid_grid in H2. apply is_type_in in H3.
      specialize (Hic i theta r H1 H2 H3). lra.
    - apply asked_ir in H as (H0 & H1 & H2 & H3). destruct H0 as [H0|H0]; rewrite H0 in *;
        specialize (Hir i k H1 H2 H3); [apply Rmult_le_pos; [apply Rlt_le, mass_R, H3|lra]|rewrite Hir; lra].
    - simpl in H. destruct (ir D); try (destruct (ic D); discriminate).
      assert (is_agent E i && valid (sizes E) theta = true) as H' by (destruct (ic D); exact H).
      rewrite !andb_true_iff in H'; destruct H' as [H1 H2]. apply is_agent_in in H1. apply valid_grid in H2.
      specialize (Hir i theta H1 H2). lra.
    - simpl in H. destruct (bb D); try (destruct (ic D), (ir D); discriminate);
        unfold ex_ante_BB, ex_ante_weak_BB in Hbb; destruct (ir D); lra.
    - simpl in H. destruct (bb D); try (destruct (ic D), (ir D); discriminate);
        assert (valid (sizes E) theta = true) as H' by (destruct (ic D), (ir D); exact H);
        apply valid_grid in H'; specialize (Hbb theta H'); destruct (ir D); lra.
  Qed.

  (** ** Bounds *)
  Lemma may_use_sound a theta : satisfies E D M -> In theta (Theta E) -> In a (outcomes E) ->
    may_use E D a theta = false -> q M a theta = 0.
  Proof.
    intros (Hl & Ha & _) Ht Hin H. unfold may_use in H. destruct (allocation D); try discriminate;
    destruct (Hl theta Ht) as [Hp _]; specialize (Hp a Hin);
    (destruct (Rle_lt_dec (q M a theta) 0) as [|Hq]; [lra|]); exfalso;
      [|specialize (Ha theta a Ht Hin Hq); congruence].
    apply not_true_iff_false in H. apply H. apply forallb_forall. intros b Hb. apply Qle_bool_iff, Rle_Qle.
    unfold worth. rewrite !(Qeq_eqR _ _ (qtotal_eq _ _)). apply Ha; auto.
  Qed.

  Lemma best_lottery_sound cq theta x : satisfies E D M -> In theta (Theta E) ->
    (length cq <= num_outcomes E)%nat -> best_lottery E D cq theta = Some x ->
    dot cq (fun a => q M a theta) 0 <= Q2R x.
  Proof.
    intros HM Ht Hlen H. destruct cq as [|c0 cq0]; [inversion H; simpl; rewrite Q2R_zero; lra|].
    remember (c0 :: cq0) as cq eqn:Hcq.
    rewrite (dot_nth _ cq (num_outcomes E) 0 Hlen).
    rewrite (sum_ext _ _ (fun a => Q2R (nth a cq 0%Q) * q M a theta))
      by (intros a _; rewrite Nat.sub_0_r; reflexivity).
    fold (outcomes E).
    assert (Hmax : forall m, (forall a, In a (outcomes E) -> may_use E D a theta = true -> Q2R (nth a cq 0%Q) <= m) ->
      sum (outcomes E) (fun a => Q2R (nth a cq 0%Q) * q M a theta) <= m).
    { intros m Hm. destruct (proj1 HM theta Ht) as [Hp H1].
      rewrite <- (Rmult_1_r m), <- H1, <- sum_times. apply sum_le. intros a Ha.
      destruct (may_use E D a theta) eqn:Hu.
      - apply Rmult_le_compat_r; auto.
      - rewrite may_use_sound; auto. lra. }
    unfold best_lottery in H. rewrite Hcq in H. rewrite <- Hcq in H.
    destruct (allocation D) eqn:Hal.
    4: { inversion H. rewrite qtotal_R. apply Req_le, sum_ext. intros a Ha. rewrite qmul_R.
         destruct HM as (_ & HA & _). rewrite Hal in HA. rewrite HA; auto. }
    all: apply Hmax; intros a Ha Hu;
      destruct (filter (fun a => may_use E D a theta) (outcomes E)) as [|a0 rest] eqn:Hf; [discriminate|];
      inversion H; subst x;
      assert (Hin : In a (a0 :: rest)) by (rewrite <- Hf; apply filter_In; auto);
      destruct (fold_max (fun a => nth a cq 0%Q) rest (nth a0 cq 0%Q)) as [F1 F2];
      destruct Hin as [->|Hin]; auto.
  Qed.

  Lemma best_transfers_sound theta : satisfies E D M -> In theta (Theta E) ->
    forall ct i b, (i + length ct <= length (sizes E))%nat -> best_transfers D theta i ct = Some b ->
    dot ct (fun i => t M i theta) i <= Q2R b.
  Proof.
    intros (_ & _ & Hb & _) Ht. induction ct as [|c ct IH]; intros i b Hlen H; simpl in *.
    - inversion H. rewrite Q2R_zero. lra.
    - destruct (best_transfers D theta (S i) ct) as [b'|] eqn:Hb'; [|discriminate].
      apply IH in Hb'; [|lia].
      assert (Hi : In i (agents E)) by (unfold agents; apply in_seq; lia).
      destruct (Hb i theta Hi Ht) as [H1 H2].
      destruct (Qeq_bool c 0) eqn:Hz.
      + apply eq_R in Hz. rewrite Q2R_zero in Hz. inversion H; subst. rewrite Hz. lra.
      + destruct (Qle_bool 0 c) eqn:Hc.
        * destruct (high D i theta) as [h|]; [|discriminate]. inversion H. rewrite qadd_R, qmul_R.
          apply le_R in Hc. rewrite Q2R_zero in Hc.
          pose proof (Rmult_le_compat_l _ _ _ Hc H2). lra.
        * destruct (low D i theta) as [l|]; [|discriminate]. inversion H. rewrite qadd_R, qmul_R.
          apply nle_R in Hc. rewrite Q2R_zero in Hc.
          assert (Q2R c * t M i theta <= Q2R c * Q2R l) by (apply Rmult_le_compat_neg_l; lra). lra.
  Qed.

  Lemma leaf_sound theta cq ct x : satisfies E D M -> leaf E D theta cq ct = Some x ->
    dot cq (fun a => q M a theta) 0 + dot ct (fun i => t M i theta) 0 <= Q2R x.
  Proof.
    intros HM H.
    assert (H' : (cq = [] /\ ct = [] /\ x = 0%Q) \/
      (valid (sizes E) theta && (length cq <=? num_outcomes E)%nat && (length ct <=? length (sizes E))%nat = true /\
       exists y z, best_lottery E D cq theta = Some y /\ best_transfers D theta 0 ct = Some z /\ x = qadd y z)).
    { unfold leaf in H. destruct cq, ct; [left; inversion H; auto|right..];
        match type of H with (if ?b then _ else _) = _ => destruct b; [|discriminate] end; split; auto;
        destruct (best_lottery E D _ theta); try discriminate; destruct (best_transfers D theta 0 _); try discriminate;
        inversion H; eauto. }
    destruct H' as [(-> & -> & ->)|(Hv & y & z & Hy & Hz & ->)].
    - simpl. rewrite Q2R_zero. lra.
    - rewrite !andb_true_iff in Hv. destruct Hv as [[H1 H2] H3]. apply valid_grid in H1.
      apply Nat.leb_le in H2. apply Nat.leb_le in H3. rewrite qadd_R.
      apply Rplus_le_compat; [apply best_lottery_sound; auto | eapply best_transfers_sound; eauto; lia].
  Qed.

  Lemma upper_sound o c b : satisfies E D M -> upper E D o c = Some b -> evL o <= Q2R b.
  Proof.
    intros HM H. unfold upper in H. destruct (forallb (sign_correct E D) c) eqn:Hs; [|discriminate].
    pose proof (combine_sound o c) as Hc. destruct (combine E D o c) as [T b0].
    destruct (largest (leaf E D) T) as [x|] eqn:Hx; [|discriminate]. inversion H. rewrite qadd_R.
    apply (largest_sound T (leaf E D) (fun th a => q M a th) (fun th i => t M i th)) in Hx;
      [|intros; apply leaf_sound; auto].
    unfold evS in Hc. simpl in Hc.
    enough (0 <= sum c (fun yx => Q2R (fst yx) * evL (atoms E D (snd yx)))) by lra.
    clear - HM Hs. induction c as [|[y r] c IH]; simpl in *; [lra|].
    apply andb_true_iff in Hs as [H1 H2]. specialize (IH H2).
    unfold sign_correct in H1. simpl in H1. apply andb_true_iff in H1 as [H1 H3].
    rewrite atoms_slack; auto. pose proof (slack_holds r HM H1) as H4.
    destruct (equality D r); [rewrite H4; lra|]. simpl in H3. apply le_R in H3. rewrite Q2R_zero in H3.
    pose proof (Rmult_le_pos _ _ H3 H4). lra.
  Qed.

  Lemma surplus_R a theta : Q2R (surplus E a theta) = Σ i ∈ agents E, u E i a theta.
  Proof. apply qsum_R. Qed.

  Lemma goal_value o : evL (goal E o) = value E o M.
  Proof.
    induction o; unfold evL.
    - simpl. unfold expected_revenue, money_out. rewrite sum_flat_map, sum_opp. apply sum_ext. intros th _.
      rewrite sum_map. simpl. rewrite sum_times, Q2R_opp. lra.
    - simpl. unfold expected_surplus. rewrite sum_flat_map. apply sum_ext. intros th _.
      rewrite sum_map. apply sum_ext. intros a _. simpl. rewrite qmul_R. unfold worth. rewrite (Qeq_eqR _ _ (qtotal_eq _ _)).
      unfold surplus. lra.
    - simpl. rewrite sum_flat_map. apply sum_ext. intros th _. rewrite sum_app, !sum_map. reflexivity.
    - simpl goal. simpl value. unfold weighted_interim. rewrite sum_flat_map. apply sum_ext. intros i Hi.
      rewrite sum_flat_map. apply sum_ext. intros k Hk.
      pose proof (total_mass i k Hi Hk) as Ht.
      assert (Hb : Qle_bool (total E i k) 0 = Qle_bool (mass E i k) 0)
        by (apply eq_true_iff_eq; rewrite !Qle_bool_iff, Ht; reflexivity).
      rewrite Hb. destruct (Qle_bool (mass E i k) 0) eqn:Hz; [reflexivity|].
      assert (Hm : (0 < mass E i k)%Q)
        by (apply Qnot_le_lt; intros H; apply Qle_bool_iff in H; congruence).
      pose proof (mass_R i k Hm) as HR. rewrite sum_map.
      rewrite (sum_ext _ _ (fun th => Q2R (Qred (w i k / total E i k)) * (Q2R (weight E i th) * payoff E M i th k)))
        by (intros th _; simpl; rewrite qmul_R; lra).
      rewrite sum_times, <- average, Qred_R, Q2R_div; auto.
      + rewrite (Qeq_eqR _ _ Ht). unfold interim. field. lra.
      + intros H. rewrite Ht in H. rewrite H in Hm. apply (Qlt_irrefl 0 Hm).
    - simpl. rewrite <- IHo. fold (evL (map (scale (-1)) (goal E o))). rewrite evL_scale, Q2R_minus1. unfold evL. lra.
  Qed.
End Soundness.

(** No mechanism satisfies the design. *)
Theorem refutation E D c : refutes E D c = true -> ~ exists M, satisfies E D M.
Proof.
  intros H [M HM]. unfold refutes in H. destruct (upper E D [] c) as [b|] eqn:Hb; [|discriminate].
  apply (upper_sound E D M) in Hb; auto. apply negb_true_iff, nle_R in H. rewrite Q2R_zero in H.
  unfold evL in Hb. simpl in Hb. lra.
Qed.

(** Every mechanism is worth at most v. *)
Theorem bound E D o v c : bounds E D o v c = true -> forall M, satisfies E D M -> value E o M <= Q2R v.
Proof.
  intros H M HM. unfold bounds in H. destruct (upper E D (goal E o) c) as [b|] eqn:Hb; [|discriminate].
  apply (upper_sound E D M) in Hb; auto. apply le_R in H. rewrite goal_value in Hb. lra.
Qed.

(** ** Mechanisms *)
Definition of_tables (m : (nat -> profile -> Q) * (nat -> profile -> Q)) : mechanism :=
  {| q := fun a theta => Q2R (fst m a theta); t := fun i theta => Q2R (snd m i theta) |}.

Lemma times_nonneg m x : 0 < m -> 0 <= m * x -> 0 <= x.
Proof. intros H Hx. apply (Rmult_le_reg_l m); lra. Qed.
Lemma times_zero m x : 0 < m -> m * x = 0 -> x = 0.
Proof. intros H Hx. destruct (Rmult_integral _ _ Hx); lra. Qed.

Section Feasible.
  Variable E : environment.
  Variable D : design.
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).

  Lemma at_atom_R x : Q2R (at_atom E m x) = evA E (of_tables m) x.
  Proof.
    destruct x; simpl; rewrite ?qmul_R; auto.
    destruct (Qeq_bool c 0) eqn:H.
    - apply eq_R in H. rewrite H, Q2R_zero. lra.
    - rewrite qmul_R, qadd_R, qtotal_R. unfold payoff. simpl. f_equal. f_equal.
      apply sum_ext. intros a _. cbv zeta. destruct (Qeq_bool (fst m a (report theta i r)) 0) eqn:Z; [|apply qmul_R].
      apply eq_R in Z. rewrite Z, Q2R_zero. lra.
  Qed.
  Lemma slice_report : forall s i k r, slice s i r = map (fun th => report th i r) (slice s i k).
  Proof.
    induction s as [|n s IH]; intros [|i] k r; simpl; auto.
    - rewrite map_map. reflexivity.
    - rewrite (IH i k r). generalize (seq 0 n). induction l as [|x l IHl]; simpl; auto.
      rewrite map_app, IHl, !map_map. reflexivity.
  Qed.
  Lemma told_R i k r : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    Q2R (told E i (map (fun th => (th, weight E i th)) (cells E i k)) (brings E m i r)) = Q2R (mass E i k) * interim E (of_tables m) i k r.
  Proof.
    intros Hi Hk H. unfold interim. rewrite average; auto. unfold brings, cells. rewrite (slice_report (sizes E) i k r).
    induction (slice (sizes E) i k) as [|th l IH]; simpl; [apply Q2R_zero|].
    destruct (Qeq_bool (weight E i th) 0) eqn:Z.
    - apply eq_R in Z. rewrite IH, Z, Q2R_zero. ring.
    - rewrite qadd_R, qmul_R, qadd_R, qtotal_R, IH. f_equal. f_equal. unfold payoff. simpl. f_equal.
      clear IH. induction (outcomes E) as [|a out IHo]; simpl; auto.
      destruct (Qeq_bool (fst m a (report th i r)) 0) eqn:Y; simpl; rewrite IHo, ?qmul_R; auto.
      apply eq_R in Y. rewrite Y, Q2R_zero. ring.
  Qed.
  Lemma at_form_R l : Q2R (at_form E m l) = evL E (of_tables m) l.
  Proof.
    unfold evL. induction l; simpl; [apply Q2R_zero|]. rewrite qadd_R, at_atom_R, IHl. reflexivity.
  Qed.

  Lemma holds_sound x : asked E D x = true -> holds E D m x = true ->
    if equality D x then slack E D (of_tables m) x = 0 else 0 <= slack E D (of_tables m) x.
  Proof.
    intros Ha H. unfold holds in H. rewrite <- (atoms_slack E D (of_tables m) x Ha), <- at_form_R.
    destruct (equality D x); [apply eq_R in H | apply le_R in H]; rewrite Q2R_zero in H; auto.
  Qed.

  Lemma lies_fine_sound : lies_fine E m = true -> bayesian_IC E (of_tables m).
  Proof.
    intros H i k r Hi Hk Hr Hm. pose proof (mass_R E i k Hm) as Hp'.
    unfold lies_fine in H. rewrite forallb_forall in H. specialize (H i Hi). cbv zeta in H.
    rewrite forallb_forall in H. specialize (H k). rewrite filter_In, (believes_pos E i k Hi Hk) in H.
    specialize (H (conj Hk Hm)). rewrite forallb_forall in H.
    specialize (H (brings E m i r) (in_map _ _ r Hr)).
    apply le_R in H. rewrite !told_R in H; auto. apply Rle_ge, Rmult_le_reg_l with (1 := Hp'), H.
  Qed.

  (** A mechanism whose slacks have their signs. *)
  Lemma slacks_satisfy M : lotteries E M ->
    match allocation D with
    | Chosen => True | Efficient => efficient E M | Within ok => allocation_within E M ok | Given g => allocation_is E M g
    end -> transfers_within E M (low D) (high D) -> (ic D = BayesianIC -> bayesian_IC E M) ->
    (forall x, In x (requirements E D) -> asked E D x = true ->
      if equality D x then slack E D M x = 0 else 0 <= slack E D M x) -> satisfies E D M.
  Proof.
    intros HL HA HT HI HR. unfold requirements in HR.
    refine (conj HL (conj HA (conj HT (conj _ (conj _ (conj _ _)))))).
    - destruct (ic D) eqn:Hic; [auto| |exact I].
      + intros i theta r Hi Ht Hr.
        specialize (HR (ICat i theta r)). simpl in HR. rewrite Hic in HR.
        cut (0 <= payoff E M i theta (type_of theta i) - payoff E M i theta r); [lra|]. apply HR.
        * apply in_or_app. left. apply in_flat_map. exists i. split; auto. apply in_flat_map. exists theta.
          split; auto. apply in_map. auto.
        * rewrite (proj2 (is_agent_in E i)), (proj2 (valid_grid _ theta)), (proj2 (is_type_in E i r)); auto.
    - destruct (ir D) eqn:Hir; [| | |exact I].
      + intros i k Hi Hk Hm. pose proof (mass_R E i k Hm) as Hp'. apply believes_pos in Hm; auto.
        specialize (HR (IR i k)). simpl in HR. rewrite Hir in HR.
        cut (0 <= interim E M i k k - interim_outside E i k); [lra|].
        apply (times_nonneg _ _ Hp'), HR.
        * apply in_or_app. right. apply in_or_app. left. apply in_flat_map. exists i. split; auto. apply in_map.
          apply filter_In; auto.
        * destruct (ic D); rewrite (proj2 (is_agent_in E i)), (proj2 (is_type_in E i k)); auto.
      + intros i k Hi Hk Hm. pose proof (mass_R E i k Hm) as Hp'. apply believes_pos in Hm; auto.
        specialize (HR (IR i k)). simpl in HR. rewrite Hir in HR.
        cut (interim E M i k k - interim_outside E i k = 0); [lra|].
        apply (times_zero _ _ Hp'), HR.
        * apply in_or_app. right. apply in_or_app. left. apply in_flat_map. exists i. split; auto. apply in_map.
          apply filter_In; auto.
        * destruct (ic D); rewrite (proj2 (is_agent_in E i)), (proj2 (is_type_in E i k)); auto.
      + intros i theta Hi Ht.
        specialize (HR (IRat i theta)). simpl in HR. rewrite Hir in HR.
        cut (0 <= payoff E M i theta (type_of theta i) - Q2R (outside E i theta)); [lra|]. apply HR.
        * apply in_or_app. right. apply in_or_app. left. apply in_flat_map. exists i. split; auto. apply in_map. auto.
        * destruct (ic D); rewrite (proj2 (is_agent_in E i)), (proj2 (valid_grid _ theta)); auto.
    - unfold ex_ante_BB, ex_ante_weak_BB.
      destruct (bb D) eqn:Hbb; [| | | |exact I].
      + intros theta Ht. specialize (HR (BBat theta)). simpl in HR. rewrite Hbb in HR.
        assert (HR' : - (Σ i ∈ agents E, t M i theta) = 0).
        { specialize (HR ltac:(apply in_or_app; right; apply in_or_app; right; apply in_or_app; left; apply in_map; auto)).
          destruct (ic D), (ir D); apply HR; apply valid_grid; auto. }
        simpl. lra.
      + intros theta Ht. specialize (HR (BBat theta)). simpl in HR. rewrite Hbb in HR.
        assert (HR' : 0 <= - (Σ i ∈ agents E, t M i theta)).
        { specialize (HR ltac:(apply in_or_app; right; apply in_or_app; right; apply in_or_app; left; apply in_map; auto)).
          destruct (ic D), (ir D); apply HR; apply valid_grid; auto. }
        simpl. lra.
      + specialize (HR BB). simpl in HR. rewrite Hbb in HR.
        specialize (HR ltac:(apply in_or_app; right; apply in_or_app; right; left; auto)).
        simpl. destruct (ic D), (ir D); specialize (HR eq_refl); lra.
      + specialize (HR BB). simpl in HR. rewrite Hbb in HR.
        specialize (HR ltac:(apply in_or_app; right; apply in_or_app; right; left; auto)).
        simpl. destruct (ic D), (ir D); specialize (HR eq_refl); lra.
    - intros x Hx. apply (In_nth _ _ no_row) in Hx as (k & Hk & <-).
      specialize (HR (Own k)). simpl in HR.
      assert (Ha : (k <? length (own D))%nat = true) by (apply Nat.ltb_lt; exact Hk).
      specialize (HR ltac:(do 3 (apply in_or_app; right); apply in_map, in_seq; lia)).
      destruct (is_equality _); destruct (ic D), (ir D), (bb D); specialize (HR Ha); lra.
  Qed.

  Theorem passes_sound : passes E D m = true -> satisfies E D (of_tables m).
  Proof.
    intros H. unfold passes, proper in H. apply andb_true_iff in H as [Hp Hr]. apply andb_true_iff in Hr as [Hlies Hr].
    rewrite forallb_forall in Hp, Hr. apply slacks_satisfy.
    - intros theta Ht. split. intros a Ha. specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [[Hp _] _].
      rewrite forallb_forall in Hp. specialize (Hp a Ha). rewrite !andb_true_iff in Hp. destruct Hp as [[Hp _] _].
      apply le_R in Hp. rewrite Q2R_zero in Hp. exact Hp.
      specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [[_ Hp] _].
      apply eq_R in Hp. rewrite qtotal_R, Q2R_one in Hp. exact Hp.
    - destruct (allocation D) eqn:Hal; [exact I| | |].
      + intros theta a b Ht Ha Hb Hpos. specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [[Hp _] _].
        rewrite forallb_forall in Hp. specialize (Hp a Ha). rewrite !andb_true_iff in Hp. destruct Hp as [[_ Hp] _].
        apply orb_true_iff in Hp as [Hp|Hp].
        * apply eq_R in Hp. rewrite Q2R_zero in Hp. simpl in Hpos. lra.
        * unfold may_use in Hp. rewrite Hal in Hp. rewrite forallb_forall in Hp. specialize (Hp b Hb). apply le_R in Hp.
          unfold worth in Hp. rewrite !(Qeq_eqR _ _ (qtotal_eq _ _)) in Hp. exact Hp.
      + intros theta a Ht Ha Hpos. specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [[Hp _] _].
        rewrite forallb_forall in Hp. specialize (Hp a Ha). rewrite !andb_true_iff in Hp. destruct Hp as [[_ Hp] _].
        apply orb_true_iff in Hp as [Hp|Hp].
        * apply eq_R in Hp. rewrite Q2R_zero in Hp. simpl in Hpos. lra.
        * unfold may_use in Hp. rewrite Hal in Hp. exact Hp.
      + intros theta a Ht Ha. specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [[Hp _] _].
        rewrite forallb_forall in Hp. specialize (Hp a Ha). rewrite !andb_true_iff in Hp. destruct Hp as [_ Hp].
        apply eq_R in Hp. exact Hp.
    - intros i theta Hi Ht. specialize (Hp theta Ht). rewrite !andb_true_iff in Hp. destruct Hp as [_ Hp].
      rewrite forallb_forall in Hp. specialize (Hp i Hi). apply andb_true_iff in Hp as [H1 H2].
      destruct (low D i theta), (high D i theta); split; auto; try (apply le_R in H1; exact H1); apply le_R in H2; exact H2.
    - intros Hic. rewrite Hic in Hlies. apply lies_fine_sound, Hlies.
    - intros x Hx Ha. apply holds_sound; auto.
  Qed.
End Feasible.

(** The mechanism of the tables satisfies the design. *)
Theorem feasible E D m : passes E D m = true -> exists M, satisfies E D M.
Proof. intros H. exists (of_tables m). apply passes_sound, H. Qed.

(** It is worth v. *)
Theorem attained E D o v m : attains E D m o v = true ->
  exists M, satisfies E D M /\ value E o M = Q2R v.
Proof.
  intros H. unfold attains in H. apply andb_true_iff in H as [H1 H2]. exists (of_tables m). split.
  - apply passes_sound, H1.
  - rewrite <- goal_value, <- at_form_R. apply eq_R, H2.
Qed.

(** v is the greatest value: some mechanism attains it, and none does better. *)
Theorem optimum E D o v m c : attains E D m o v && bounds E D o v c = true ->
  (exists M, satisfies E D M /\ value E o M = Q2R v) /\
  forall M, satisfies E D M -> value E o M <= Q2R v.
Proof.
  intros H. apply andb_true_iff in H as [H1 H2]. split; [eapply attained; eauto | eapply bound; eauto].
Qed.

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
