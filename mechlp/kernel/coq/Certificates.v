(** An executable checker, over rationals, of multipliers and of mechanisms. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
Require Export Economics.
Import ListNotations.
Open Scope R_scope.

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

(** Coefficients at one profile, on q and on t. *)
Definition vector := (list Q * list Q)%type.
Definition vplus (x y : vector) : vector := (vadd (fst x) (fst y), vadd (snd x) (snd y)).
Fixpoint alter {X} (k : nat) (g : X -> X) (l : list X) : list X :=
  match k, l with _, [] => [] | O, x :: l' => g x :: l' | S k', x :: l' => x :: alter k' g l' end.
(** A trie of sums: at a profile, [acc] and for each agent what her list has at her type. *)
Fixpoint sums (acc : vector) (axes : list (list vector)) : trie :=
  match axes with
  | [] => Node (fst acc) (snd acc) []
  | l :: rest => Node [] [] (map (fun v => sums (vplus acc v) rest) l)
  end.
Definition same_number (x y : Q) : bool := Z.eqb (Qnum x) (Qnum y) && Pos.eqb (Qden x) (Qden y).

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

  (** A type whose belief and payoffs do not vary with the others' types: the weight of each profile, and the payoffs. *)
  Definition apart (i : nat) (others : list profile) (k : nat) : option (Q * list Q) :=
    match others with
    | [] => None
    | x :: rest => let th := report x i k in
        let w := weight E i in let c := w th in
        if forallb (fun x => same_number c (w (report x i k))) rest &&
           forallb (fun a => let v := u E i a in let y := v th in forallb (fun x => same_number y (v (report x i k))) rest)
             (outcomes E)
        then Some (c, map (fun a => u E i a th) (outcomes E)) else None
    end.
  (** By agent and type, where that holds of all types of the agent; else nothing. *)
  Definition sides : list (list (Q * list Q)) := map (fun i =>
    let l := map (apart i (cells i 0)) (types E i) in
    if forallb (fun x => match x with Some _ => true | None => false end) l
    then map (fun x => match x with Some y => y | None => (0%Q, []) end) l else []) (agents E).
  (** The prior, where it is the same at all profiles. *)
  Definition flat : option Q :=
    match Theta E with
    | [] => None
    | th :: rest => let p := prior E th in if forallb (fun x => same_number p (prior E x)) rest then Some p else None
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

  (** Rows of types apart, and of a budget under a flat prior, are added up by type before they meet at the profiles. *)
  Record pile := { everywhere : vector; by_type : list (list vector); constant : Q }.
  Definition weighed (y : Q) (x : Q * list Q) (i : nat) : vector :=
    let c := qmul y (fst x) in (map (qmul c) (snd x), unit i c).
  Definition piled (S : list (list (Q * list Q))) (p : option Q) (s : pile) (yx : Q * requirement) : option pile :=
    let (y, x) := yx in
    match x with
    | IC i k r => match nth_error (nth i S []) k with
        | Some x => if (r <? length (nth i S []))%nat then Some {| everywhere := everywhere s; constant := constant s;
            by_type := alter i (fun l => alter k (vplus (weighed y x i)) (alter r (vplus (weighed (Qopp y) x i)) l)) (by_type s) |}
            else None
        | None => None end
    | IR i k => match nth_error (nth i S []) k with
        | Some x => Some {| everywhere := everywhere s; by_type := alter i (alter k (vplus (weighed y x i))) (by_type s);
            constant := qadd (qmul (Qopp y) (qtotal (cells i k) (fun th => qmul (weight E i th) (outside E i th)))) (constant s) |}
        | None => None end
    | BB => match p with
        | Some p => Some {| everywhere := vplus ([], map (fun _ => qmul y (Qopp p)) (agents E)) (everywhere s);
                            by_type := by_type s; constant := constant s |}
        | None => None end
    | _ => None
    end.
  (** The rows that are left, and the pile of the others. *)
  Fixpoint gathered (S : list (list (Q * list Q))) (p : option Q) (c : certificate) (s : pile) : certificate * pile :=
    match c with
    | [] => ([], s)
    | yx :: c' => match piled S p s yx with
        | Some s' => gathered S p c' s'
        | None => let (rest, s') := gathered S p c' s in (yx :: rest, s')
        end
    end.
  Definition bare : pile :=
    {| everywhere := ([], []); by_type := map (fun n => repeat ([], []) n) (sizes E); constant := 0 |}.
  Definition combined (S : list (list (Q * list Q))) (o : list atom) (c : certificate) : trie * Q :=
    let (rest, s) := gathered S flat c bare in
    fold_left (fun s yx => scatter (map (scale (fst yx)) (atoms (snd yx))) s) rest
      (scatter o (sums (everywhere s) (by_type s), constant s)).
  Definition combine (o : list atom) (c : certificate) : trie * Q := combined sides o c.

  (** What each outcome is worth, where payoffs are told by each agent's type: along the way to a profile. *)
  Definition worths (S : list (list (Q * list Q))) : list (list (list Q)) :=
    match allocation D with
    | Efficient => if forallb (fun l => match l with [] => false | _ => true end) S then map (map snd) S else []
    | _ => []
    end.
  Definition peak_lottery (ws cq : list Q) (theta : profile) : option Q :=
    match cq, allocation D with
    | _ :: _, Efficient =>
        let l := match ws with [] => map (fun a => worth a theta) (outcomes E) | _ => ws end in
        match filter (fun a => let w := nth a l 0%Q in forallb (fun b => Qle_bool (nth b l 0%Q) w) (outcomes E)) (outcomes E) with
        | [] => None
        | a0 :: rest => Some (fold_left (fun b a => if Qle_bool b (nth a cq 0%Q) then nth a cq 0%Q else b) rest (nth a0 cq 0%Q))
        end
    | _, _ => best_lottery cq theta
    end.
  Definition peak_leaf (theta : profile) (ws cq ct : list Q) : option Q :=
    if (length cq <=? num_outcomes E)%nat && (length ct <=? length (sizes E))%nat then
      match peak_lottery ws cq theta, best_transfers theta 0 ct with
      | Some x, Some y => Some (qadd x y)
      | _, _ => None
      end
    else None.
  (** [largest] of [peak_leaf], along the grid. *)
  Fixpoint peak (B : profile -> list Q -> list Q -> list Q -> option Q) (s : list nat) (W : list (list (list Q)))
    (ws : list Q) (T : trie) : option Q :=
    match T with Node cq ct ch =>
      match s with
      | [] => match ch with [] => match cq, ct with [], [] => Some 0%Q | _, _ => B [] ws cq ct end | _ => None end
      | m :: rest => match cq, ct with
          | [], [] => (fix go (j n : nat) (l : list trie) (w : list (list Q)) {struct l} := match l with
              | [] => Some 0%Q
              | T' :: l' => match n with
                  | O => None
                  | S n' => match peak (fun th => B (j :: th)) rest (tl W) (vadd ws (hd [] w)) T', go (S j) n' l' (tl w) with
                      | Some x, Some y => Some (qadd x y) | _, _ => None end
                  end
              end) 0%nat m ch (hd [] W)
          | _, _ => None end
      end
    end.

  (** Of rows [g] that need no sign, and of a certificate. *)
  Definition upper (g : certificate) (o : list atom) (c : certificate) : option Q :=
    if forallb sign_correct c then
      let S := sides in
      let (T, b) := combined S o (g ++ c) in
      match peak peak_leaf (sizes E) (worths S) [] T with Some x => Some (qadd x b) | None => None end
    else None.

  Definition refutes (c : certificate) : bool :=
    match upper [] [] c with Some b => negb (Qle_bool 0 b) | None => false end.
  Definition bounds (o : objective) (v : Q) (c : certificate) : bool :=
    match match o with Revenue => upper [(1%Q, BB)] [] c | _ => upper [] (goal o) c end with
    | Some b => Qle_bool b v | None => false end.

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
  (** What that is worth to a type, times her total weight; payoffs and weight are listed for each profile of the others. *)
  Fixpoint told (payoffs : list (list Q * Q)) (brought : list (list (nat * Q) * Q)) : Q :=
    match payoffs, brought with
    | (us, c) :: l, (ys, x) :: l' =>
        let rest := told l l' in if Qeq_bool c 0 then rest else
        qadd (qmul c (qadd (qtotal ys (fun y => qmul (nth (fst y) us 0%Q) (snd y))) x)) rest
    | _, _ => 0%Q
    end.
  Definition believed (i k : nat) : list (list Q * Q) :=
    map (fun th => (map (fun a => u E i a th) (outcomes E), weight E i th)) (cells i k).
  (** The same to a type apart: only sums over the others count. *)
  Definition brings_in_sum (i r : nat) : list Q * Q :=
    let l := cells i r in (map (fun a => qtotal l (fst m a)) (outcomes E), qtotal l (snd m i)).
  Fixpoint inner (x y : list Q) : Q :=
    match x, y with a :: x', b :: y' => qadd (qmul a b) (inner x' y') | _, _ => 0%Q end.
  Definition told_in_sum (x : Q * list Q) (brought : list Q * Q) : Q :=
    qmul (fst x) (qadd (inner (snd x) (fst brought)) (snd brought)).
  Definition lies_fine : bool := let S := sides in forallb (fun i =>
    match nth i S [] with
    | [] => let reports := map (brings i) (types E i) in
        forallb (fun k => let l := believed i k in let truth := told l (brings i k) in
          forallb (fun b => Qle_bool (told l b) truth) reports) (filter (believes i) (types E i))
    | l => let reports := map (brings_in_sum i) (types E i) in
        forallb (fun k => match nth_error l k, nth_error reports k with
          | Some x, Some b => let truth := told_in_sum x b in forallb (fun b => Qle_bool (told_in_sum x b) truth) reports
          | _, _ => false end) (filter (believes i) (types E i))
    end) (agents E).
  Definition passes : bool := proper && (match ic D with BayesianIC => lies_fine | _ => true end && forallb holds requirements).
  Definition attains (o : objective) (v : Q) : bool := passes && Qeq_bool (at_form (goal o)) v.
End Checker.
