(** Ambiguous transfers: the designer announces a finite set of rules; every type takes the worst, on both sides of IC
    (Di Tillio, Kos and Messner 2017; Guo 2018, chapter 1), or weighs the worst and the best (Ghirardato, Maccheroni and
    Marinacci 2004).  Definitions, checker, soundness, as for one rule. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Rbasic_fun Lra Lia.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

(** * Definitions *)

(** The least and the greatest value of [f] over the announced rules. *)
Fixpoint worst (rules : list mechanism) (f : mechanism -> R) : R :=
  match rules with [] => 0 | [M] => f M | M :: rest => Rmin (f M) (worst rest f) end.
Fixpoint best (rules : list mechanism) (f : mechanism -> R) : R :=
  match rules with [] => 0 | [M] => f M | M :: rest => Rmax (f M) (best rest f) end.
(** What it is worth to types who put the weight [alpha] on the worst rule and the rest on the best. *)
Definition prospect (alpha : Q) (rules : list mechanism) (f : mechanism -> R) : R :=
  alpha * worst rules f + (1 - alpha) * best rules f.

Definition ambiguous_IC E rules : Prop := forall i k r, In i (agents E) -> In k (types E i) -> In r (types E i) ->
  (0 < mass E i k)%Q -> worst rules (fun M => interim E M i k k) >= worst rules (fun M => interim E M i k r).
Definition ambiguous_IR E rules : Prop := forall i k, In i (agents E) -> In k (types E i) ->
  (0 < mass E i k)%Q -> worst rules (fun M => interim E M i k k) >= interim_outside E i k.
Definition alpha_IC E alpha rules : Prop := forall i k r, In i (agents E) -> In k (types E i) -> In r (types E i) ->
  (0 < mass E i k)%Q -> prospect alpha rules (fun M => interim E M i k k) >= prospect alpha rules (fun M => interim E M i k r).
Definition alpha_IR E alpha rules : Prop := forall i k, In i (agents E) -> In k (types E i) ->
  (0 < mass E i k)%Q -> prospect alpha rules (fun M => interim E M i k k) >= interim_outside E i k.
Definition one_allocation (rules : list mechanism) : Prop := exists x, forall M, In M rules -> q M = x.
Definition one_value (worth : mechanism -> R) rules : Prop := forall M M', In M rules -> In M' rules -> worth M = worth M'.

(** [D] says what each rule must satisfy by itself. *)
Definition ambiguous (E : environment) (D : design) (alpha : Q) (ir : bool) (rules : list mechanism) : Prop :=
  rules <> [] /\
  (forall M, In M rules -> satisfies E D M) /\
  match allocation D with Chosen => True | _ => one_allocation rules end /\
  alpha_IC E alpha rules /\
  (if ir then alpha_IR E alpha rules else True).

(** * The checker *)

(** Rules have labels, each a type's report: the rule under which it is worth least, or, of a true one, most.  [Truth d e i k]: the
    truth of a type, weighed between rule d and the rule e that praises it, is at least what truth is worth to her; [Lie d e]: which
    is at least the lie of rule d, weighed between that rule and any other; [Part i k]: and at least the outside option;
    [Under d x]: requirement x of rule d. *)
Definition label := (nat * nat * nat)%type.
Inductive arow := Truth (d e i k : nat) | Lie (d e : nat) | Part (i k : nat) | Under (d : nat) (x : requirement) | SameValue (d : nat).

Section Checker.
  Variable E : environment.
  Variable D : design.
  Variable alpha : Q.
  Variable ir : bool.
  Variable o : option objective.
  Variable lies : list label.

  Definition form (s : Q) (i k r : nat) : list atom :=
    map (fun theta => Pay (qmul s (weight E i theta)) i theta r) (cells E i k).
  Definition outside_form (i k : nat) : list atom :=
    map (fun theta => Const (qmul (Qopp (weight E i theta)) (outside E i theta))) (cells E i k).
  Definition blend (s : Q) (d e i k r : nat) : list (nat * atom) :=
    map (pair d) (form (qmul s alpha) i k r) ++
    if Qeq_bool alpha 1 then [] else map (pair e) (form (qmul s (qadd 1 (Qopp alpha))) i k r).
  Definition goal_of : list atom := match o with Some o => goal E o | None => [] end.

  (** Atoms with the rule they speak of, and coefficients on what truths are worth, all times the type's total weight. *)
  Definition parts (x : arow) : list (nat * atom) * list (Q * profile) :=
    match x with
    | Truth d e i k => (blend 1 d e i k k, [((-1)%Q, [i; k])])
    | Lie d e => let '(i, k, r) := nth d lies (0, 0, 0)%nat in (blend (-1) d e i k r, [(1%Q, [i; k])])
    | Part i k => (map (pair 0%nat) (outside_form i k), [(1%Q, [i; k])])
    | Under d x => (map (pair d) (atoms E D x), [])
    | SameValue d => (map (pair d) goal_of ++ map (pair 0%nat) (map (scale (-1)) goal_of), [])
    end.
  Definition type_ok (i k : nat) : bool := is_agent E i && is_type E i k && believes E i k.
  Definition praises (e i k : nat) : bool := Qeq_bool alpha 1 ||
    let '(i', k', r) := nth e lies (0, 0, 0)%nat in (e <? length lies)%nat && ((i' =? i) && (k' =? k) && (r =? k))%nat.
  Definition is_lie (d : nat) : bool :=
    let '(i, k, r) := nth d lies (0, 0, 0)%nat in (d <? length lies)%nat && negb (k =? r)%nat.
  Definition fine (yx : Q * arow) : bool :=
    match snd yx with
    | Truth d e i k => Qle_bool 0 (fst yx) && (type_ok i k && praises e i k)
    | Lie d e => Qle_bool 0 (fst yx) && is_lie d
    | Part i k => Qle_bool 0 (fst yx) && (ir && type_ok i k)
    | Under d x => sign_correct E D (fst yx, x)
    | SameValue d => true
    end.
  Definition lie_ok (l : label) : bool := let '(i, k, r) := l in type_ok i k && is_type E i r.

  Definition shared : bool := match allocation D with Chosen => false | _ => true end.
  Definition qkey (d : nat) (theta : profile) : profile := (if shared then 0%nat else S d) :: theta.

  Definition state := (trie * trie * Q)%type.
  Definition put1 (y : Q) (dx : nat * atom) (s : state) : state :=
    let '(T, W, b) := s in
    let d := fst dx in
    match scale y (snd dx) with
    | Pay c i theta r => let th := report theta i r in
        (add (qkey d th) (map (fun a => qmul c (u E i a theta)) (outcomes E)) [] (add (S d :: th) [] (unit i c) T), W, b)
    | Money c i theta => (add (S d :: theta) [] (unit i c) T, W, b)
    | Alloc c a theta => (add (qkey d theta) (unit a c) [] T, W, b)
    | Const c => (T, W, qadd c b)
    end.
  Definition put (y : Q) (x : arow) (s : state) : state :=
    let (l, us) := parts x in
    let '(T, W, b) := fold_left (fun s dx => put1 y dx s) l s in
    (T, fold_left (fun W cu => add (snd cu) [qmul y (fst cu)] [] W) us W, b).
  Definition nothing : state := (empty, empty, 0%Q).
  Definition put_all (c : list (Q * arow)) : state :=
    fold_left (fun s yx => put (fst yx) (snd yx) s) c (fold_left (fun s dx => put1 1 dx s) (map (pair 0%nat) goal_of) nothing).

  Definition by_rule (key : profile) (cq ct : list Q) : option Q :=
    match key with [] => leaf E D [] cq ct | _ :: theta => leaf E D theta cq ct end.
  Definition zero (key : profile) (cq ct : list Q) : option Q :=
    if forallb (fun c => Qeq_bool c 0) cq && forallb (fun c => Qeq_bool c 0) ct then Some 0%Q else None.

  Definition ambiguous_upper (c : list (Q * arow)) : option Q :=
    if forallb fine c && forallb lie_ok lies && (Qle_bool 0 alpha && Qle_bool alpha 1) then
      let '(T, W, b) := put_all c in
      match largest by_rule T, largest zero W with
      | Some x, Some z => Some (qadd x (qadd z b))
      | _, _ => None
      end
    else None.
End Checker.

Definition ambiguous_refutes E D alpha ir lies c : bool :=
  match ambiguous_upper E D alpha ir None lies c with Some b => negb (Qle_bool 0 b) | None => false end.
Definition ambiguous_bounds E D alpha ir o v lies c : bool :=
  match ambiguous_upper E D alpha ir (Some o) lies c with Some b => Qle_bool b v | None => false end.

(** Rules, evaluated. *)
Definition tables := ((nat -> profile -> Q) * (nat -> profile -> Q))%type.
Fixpoint qworst (ms : list tables) (f : tables -> Q) : Q :=
  match ms with
  | [] => 0%Q
  | [m] => f m
  | m :: rest => let w := qworst rest f in if Qle_bool (f m) w then f m else w
  end.
Fixpoint qbest (ms : list tables) (f : tables -> Q) : Q :=
  match ms with
  | [] => 0%Q
  | [m] => f m
  | m :: rest => let w := qbest rest f in if Qle_bool (f m) w then w else f m
  end.
Definition qprospect (alpha : Q) (ms : list tables) (f : tables -> Q) : Q :=
  if Qeq_bool alpha 1 then qworst ms f else qadd (qmul alpha (qworst ms f)) (qmul (qadd 1 (Qopp alpha)) (qbest ms f)).
(** Rules with one allocation, or each with its own. *)
Inductive announced := OneAllocation (x : nat -> profile -> Q) (ts : list (nat -> profile -> Q)) | Each (ms : list tables).
Definition tables_of (f : announced) : list tables := match f with OneAllocation x ts => map (pair x) ts | Each ms => ms end.
Definition ambiguous_passes E D alpha ir (f : announced) : bool :=
  let ms := tables_of f in
  match f, allocation D with OneAllocation _ _, _ => true | Each _, Chosen => true | _, _ => false end &&
  ((0 <? length ms)%nat && forallb (passes E D) ms &&
  forallb (fun i => forallb (fun k =>
    let truth := qprospect alpha ms (fun m => at_form E m (form E 1 i k k)) in
    (negb ir || Qle_bool 0 (qadd truth (at_form E (fun _ _ => 0%Q, fun _ _ => 0%Q) (outside_form E i k)))) &&
    forallb (fun r => Qle_bool (qprospect alpha ms (fun m => at_form E m (form E 1 i k r))) truth) (types E i))
    (filter (believes E i) (types E i))) (agents E)).
Definition ambiguous_attains E D alpha ir o v (f : announced) : bool :=
  ambiguous_passes E D alpha ir f && forallb (fun m => Qeq_bool (at_form E m (goal E o)) v) (tables_of f).

(** * Soundness *)
Arguments Q2R : simpl never.

Lemma worst_le rules f M : In M rules -> worst rules f <= f M.
Proof.
  induction rules as [|M0 rest IH]; [intros []|]. intros [->|H].
  - destruct rest; simpl; [lra|apply Rmin_l].
  - destruct rest; [destruct H|]. apply Rle_trans with (worst (m :: rest) f); [apply Rmin_r|auto].
Qed.
Lemma worst_attained rules f : rules <> [] -> exists M, In M rules /\ worst rules f = f M.
Proof.
  induction rules as [|M0 rest IH]; [congruence|]. intros _. destruct rest as [|M1 rest].
  - exists M0. simpl. auto.
  - destruct IH as (M & H1 & H2); [discriminate|].
    change (worst (M0 :: M1 :: rest) f) with (Rmin (f M0) (worst (M1 :: rest) f)).
    unfold Rmin. destruct (Rle_dec (f M0) (worst (M1 :: rest) f)).
    + exists M0. simpl; auto.
    + exists M. split; [right|]; auto.
Qed.

Lemma best_worst rules f : best rules f = - worst rules (fun M => - f M).
Proof.
  induction rules as [|M [|M' rest] IH]; [simpl; lra|simpl; lra|].
  change (Rmax (f M) (best (M' :: rest) f) = - Rmin (- f M) (worst (M' :: rest) (fun M => - f M))).
  rewrite IH, Ropp_Rmin, !Ropp_involutive. reflexivity.
Qed.
Lemma best_ge rules f M : In M rules -> f M <= best rules f.
Proof. intros H. rewrite best_worst. pose proof (worst_le rules (fun M => - f M) M H). simpl in *. lra. Qed.
Lemma best_attained rules f : rules <> [] -> exists M, In M rules /\ best rules f = f M.
Proof.
  intros H. destruct (worst_attained rules (fun M => - f M) H) as (M & H1 & H2). exists M. split; [exact H1|].
  rewrite best_worst, H2. apply Ropp_involutive.
Qed.
Lemma worst_ext rules f g : (forall M, f M = g M) -> worst rules f = worst rules g.
Proof.
  intros H. induction rules as [|M [|M' rest] IH]; [reflexivity|apply H|].
  change (Rmin (f M) (worst (M' :: rest) f) = Rmin (g M) (worst (M' :: rest) g)). rewrite IH, H. reflexivity.
Qed.

Lemma worst_times m f : 0 < m -> forall rules, worst rules (fun M => m * f M) = m * worst rules f.
Proof.
  intros H. induction rules as [|M [|M' rest] IH]; [simpl; lra|reflexivity|].
  change (Rmin (m * f M) (worst (M' :: rest) (fun M => m * f M)) = m * Rmin (f M) (worst (M' :: rest) f)).
  rewrite IH. set (w := worst (M' :: rest) f). unfold Rmin.
  destruct (Rle_dec (f M) w) as [L|L], (Rle_dec (m * f M) (m * w)) as [L'|L']; auto.
  - exfalso. apply L', Rmult_le_compat_l; lra.
  - exfalso. apply L, (Rmult_le_reg_l m); auto.
Qed.

Lemma prospect_times alpha m f : 0 < m -> forall rules, prospect alpha rules (fun M => m * f M) = m * prospect alpha rules f.
Proof.
  intros H rules. unfold prospect. rewrite !best_worst, (worst_ext _ (fun M => - (m * f M)) (fun M => m * - f M)) by (intros; ring).
  rewrite !worst_times by exact H. ring.
Qed.
Lemma prospect_one rules f : prospect 1 rules f = worst rules f.
Proof. unfold prospect. rewrite Q2R_one. ring. Qed.
Lemma alpha_IC_one E rules : ambiguous_IC E rules <-> alpha_IC E 1 rules.
Proof. unfold ambiguous_IC, alpha_IC. split; intros H i k r; specialize (H i k r); rewrite !prospect_one in *; exact H. Qed.
Lemma alpha_IR_one E rules : ambiguous_IR E rules <-> alpha_IR E 1 rules.
Proof. unfold ambiguous_IR, alpha_IR. split; intros H i k; specialize (H i k); rewrite !prospect_one in *; exact H. Qed.

Section Soundness.
  Variable E : environment.
  Variable D : design.
  Variable alpha : Q.
  Variable ir : bool.
  Variable o : option objective.
  Variable lies : list label.
  Variable rules : list mechanism.
  Hypothesis HA : ambiguous E D alpha ir rules.
  Hypothesis HO : match o with Some o => one_value (value E o) rules | None => True end.
  Hypothesis HL : forallb (lie_ok E) lies = true.
  Hypothesis Hal : 0 <= Q2R alpha <= 1.

  Definition U (i k : nat) : R := prospect alpha rules (fun M => interim E M i k k).
  (** What a label says: a lie is worst under its rule, a truth best. *)
  Definition extreme (i k r : nat) : R :=
    (if (k =? r)%nat then best else worst) rules (fun M => interim E M i k r).

  Lemma choose : forall ls : list label, exists rule : nat -> mechanism, forall d,
    In (rule d) rules /\
    ((d < length ls)%nat -> let '(i, k, r) := nth d ls (0, 0, 0)%nat in extreme i k r = interim E (rule d) i k r).
  Proof.
    destruct HA as [Hne _]. induction ls as [|[[i k] r] ls [rule IH]].
    - destruct (worst_attained rules (fun _ => 0) Hne) as (M & HM & _).
      exists (fun _ => M). intros d. split; auto. simpl. lia.
    - assert (exists M, In M rules /\ extreme i k r = interim E M i k r) as (M & HM & Hw)
        by (unfold extreme; destruct (k =? r)%nat; [apply best_attained|apply worst_attained]; exact Hne).
      exists (fun d => match d with O => M | S d => rule d end). intros [|d]; split; simpl; auto.
      + apply IH.
      + intros Hd. apply IH. lia.
  Qed.

  Variable rule : nat -> mechanism.
  Hypothesis Hrule : forall d, In (rule d) rules /\
    ((d < length lies)%nat -> let '(i, k, r) := nth d lies (0, 0, 0)%nat in extreme i k r = interim E (rule d) i k r).

  Definition fq (key : profile) (a : nat) : R :=
    match key with [] => q (rule 0) a [] | O :: th => q (rule 0) a th | S d :: th => q (rule d) a th end.
  Definition ft (key : profile) (i : nat) : R :=
    match key with [] => t (rule 0) i [] | O :: th => t (rule 0) i th | S d :: th => t (rule d) i th end.
  Definition fu (key : profile) (j : nat) : R :=
    match key, j with [i; k], O => Q2R (mass E i k) * U i k | _, _ => 0 end.
  Definition ev (s : state) : R :=
    let '(T, W, b) := s in evT fq ft T + evT fu (fun _ _ => 0) W + Q2R b.
  Definition evD (dx : nat * atom) : R := evA E (rule (fst dx)) (snd dx).
  Definition evU (cu : Q * profile) : R := Q2R (fst cu) * fu (snd cu) 0.
  Definition evR (x : arow) : R := sum (fst (parts E D alpha o lies x)) evD + sum (snd (parts E D alpha o lies x)) evU.

  Lemma same_q d d' : shared D = true -> q (rule d) = q (rule d').
  Proof.
    destruct HA as (_ & _ & H & _). unfold shared. destruct (allocation D); try discriminate; intros _;
    destruct H as [x H]; rewrite (H (rule d)), (H (rule d')); auto; apply Hrule.
  Qed.
  Lemma fq_key d th a : fq (qkey D d th) a = q (rule d) a th.
  Proof. unfold qkey. destruct (shared D) eqn:H; simpl; auto. rewrite (same_q 0 d); auto. Qed.

  Lemma scaled M y x : evA E M (scale y x) = Q2R y * evA E M x.
  Proof. destruct x; simpl; rewrite qmul_R; lra. Qed.
  Lemma put1_sound y dx s : ev (put1 E D y dx s) = ev s + Q2R y * evD dx.
  Proof.
    unfold evD. rewrite <- scaled. destruct s as [[T W] b], dx as [d x]. unfold put1. cbn [fst snd].
    destruct (scale y x) as [c i th r|c i th|c a th|c]; unfold ev; rewrite ?evT_add.
    - set (th' := report th i r). rewrite dot_unit. cbn [evA dot]. unfold payoff, outcomes. rewrite dot_seq.
      fold th'. rewrite Rmult_plus_distr_l, <- sum_times.
      rewrite (sum_ext _ _ (fun a => Q2R c * (Q2R (u E i a th) * q (rule d) a th'))); [simpl; lra|].
      intros a _. rewrite fq_key, qmul_R. lra.
    - rewrite dot_unit. simpl. lra.
    - rewrite dot_unit, fq_key. simpl. lra.
    - rewrite qadd_R. simpl. lra.
  Qed.
  Lemma puts_sound y l : forall s, ev (fold_left (fun s dx => put1 E D y dx s) l s) = ev s + Q2R y * sum l evD.
  Proof. induction l as [|dx l IH]; intros s; simpl; [lra|]. rewrite IH, put1_sound. lra. Qed.
  Lemma put_sound y x s : ev (put E D alpha o lies y x s) = ev s + Q2R y * evR x.
  Proof.
    unfold put, evR. destruct (parts E D alpha o lies x) as [l us]. cbn [fst snd].
    pose proof (puts_sound y l s) as H. destruct (fold_left _ l s) as [[T W] b].
    assert (HU : forall Z, evT fu (fun _ _ => 0) (fold_left (fun W cu => add (snd cu) [qmul y (fst cu)] [] W) us Z) =
                           evT fu (fun _ _ => 0) Z + Q2R y * sum us evU).
    { induction us as [|[c key] us IH]; intros Z; simpl; [lra|]. rewrite IH, evT_add. simpl. rewrite qmul_R.
      unfold evU at 2. simpl. lra. }
    unfold ev in *. rewrite HU. lra.
  Qed.

  Lemma form_sum M s i k r : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q -> sum (form E s i k r) (evA E M) = Q2R s * (Q2R (mass E i k) * interim E M i k r).
  Proof.
    intros Hi Hk H. unfold form, interim. rewrite average; auto. rewrite sum_map, <- sum_times. apply sum_ext.
    intros th _. simpl. rewrite qmul_R. lra.
  Qed.
  Lemma scaled_gap m x y : 0 < m -> y <= x -> 0 <= 1 * (m * x) + (-1 * (m * y) + 0).
  Proof. intros H1 H2. assert (m * y <= m * x) by (apply Rmult_le_compat_l; lra). lra. Qed.
  Lemma outside_sum M i k : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q -> sum (outside_form E i k) (evA E M) = - (Q2R (mass E i k) * interim_outside E i k).
  Proof.
    intros Hi Hk H. unfold outside_form, interim_outside. rewrite average; auto. rewrite sum_map, sum_opp. apply sum_ext.
    intros th _. simpl. rewrite qmul_R, Q2R_opp. lra.
  Qed.
  Lemma labelled d l : sum (map (pair d) l) evD = sum l (evA E (rule d)).
  Proof. rewrite sum_map. reflexivity. Qed.
  Lemma blend_sum s d e i k r : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    sum (blend E alpha s d e i k r) evD = Q2R s * (Q2R (mass E i k) *
      (Q2R alpha * interim E (rule d) i k r + (1 - Q2R alpha) * interim E (rule e) i k r)).
  Proof.
    intros Hi Hk Hm. unfold blend. rewrite sum_app, labelled, form_sum, qmul_R; auto.
    destruct (Qeq_bool alpha 1) eqn:H1.
    - apply eq_R in H1. rewrite Q2R_one in H1. rewrite H1. simpl. ring.
    - rewrite labelled, form_sum, qmul_R, qadd_R, Q2R_opp, Q2R_one; auto. ring.
  Qed.
  Lemma praises_spec e i k : praises alpha lies e i k = true ->
    (1 - Q2R alpha) * interim E (rule e) i k k = (1 - Q2R alpha) * best rules (fun M => interim E M i k k).
  Proof.
    unfold praises. intros H. apply orb_true_iff in H as [H|H].
    - apply eq_R in H. rewrite Q2R_one in H. rewrite H. ring.
    - pose proof (proj2 (Hrule e)) as R. destruct (nth e lies (0, 0, 0)%nat) as [[i' k'] r].
      rewrite !andb_true_iff in H. destruct H as [He [[H1 H2] H3]]. apply Nat.ltb_lt in He.
      apply Nat.eqb_eq in H1, H2, H3. subst. specialize (R He). unfold extreme in R. rewrite Nat.eqb_refl in R. rewrite R. reflexivity.
  Qed.
  Lemma type_ok_spec i k : type_ok E i k = true -> In i (agents E) /\ In k (types E i) /\ (0 < mass E i k)%Q.
  Proof.
    unfold type_ok. rewrite !andb_true_iff. intros [[H1 H2] H3].
    apply is_agent_in in H1. apply is_type_in in H2. apply believes_pos in H3; auto.
  Qed.

  Lemma row_sound y x : fine E D alpha ir lies (y, x) = true -> 0 <= Q2R y * evR x.
  Proof.
    destruct HA as (Hne & Hall & _ & Hic & Hir). unfold evR, fine. destruct x; cbn [fst snd parts].
    - intros H. apply andb_true_iff in H as [Hy H]. apply andb_true_iff in H as [H Hp]. apply type_ok_spec in H as (H1 & H2 & H3).
      apply le_R in Hy. rewrite Q2R_zero in Hy. apply Rmult_le_pos; auto.
      cbn [fst snd parts]. rewrite blend_sum; auto. unfold evU. cbn. rewrite Q2R_one, Q2R_minus1.
      apply praises_spec in Hp. rewrite Hp. pose proof (worst_le rules (fun M => interim E M i k k) (rule d) (proj1 (Hrule d))) as L.
      apply (Rmult_le_compat_l (Q2R alpha)) in L; [|tauto]. unfold U, prospect.
      apply scaled_gap; [apply mass_R, H3|lra].
    - intros H. apply andb_true_iff in H as [Hy Hd]. unfold is_lie in Hd.
      apply le_R in Hy. rewrite Q2R_zero in Hy. apply Rmult_le_pos; auto.
      pose proof (proj2 (Hrule d)) as Hw. assert (Hl : (d < length lies)%nat -> lie_ok E (nth d lies (0, 0, 0)%nat) = true)
        by (intros; rewrite forallb_forall in HL; apply HL, nth_In; auto).
      destruct (nth d lies (0, 0, 0)%nat) as [[i k] r]. apply andb_true_iff in Hd as [Hd Hkr]. apply Nat.ltb_lt in Hd.
      specialize (Hw Hd). specialize (Hl Hd). unfold extreme in Hw. apply negb_true_iff in Hkr. rewrite Hkr in Hw.
      simpl in Hl. apply andb_true_iff in Hl as [Hl Hr].
      apply type_ok_spec in Hl as (H1 & H2 & H3). apply is_type_in in Hr.
      cbn [fst snd]. rewrite blend_sum; auto. unfold evU. cbn. rewrite Q2R_one, Q2R_minus1.
      specialize (Hic i k r H1 H2 Hr H3). unfold U. unfold prospect in Hic at 2. rewrite Hw in Hic.
      pose proof (best_ge rules (fun M => interim E M i k r) (rule e) (proj1 (Hrule e))) as G.
      apply (Rmult_le_compat_l (1 - Q2R alpha)) in G; [|lra].
      pose proof (scaled_gap _ (prospect alpha rules (fun M => interim E M i k k)) (Q2R alpha * interim E (rule d) i k r +
        (1 - Q2R alpha) * interim E (rule e) i k r) (mass_R E i k H3) ltac:(lra)). lra.
    - intros H. apply andb_true_iff in H as [Hy H]. apply andb_true_iff in H as [Hi H].
      apply type_ok_spec in H as (H1 & H2 & H3). rewrite Hi in Hir.
      apply le_R in Hy. rewrite Q2R_zero in Hy. apply Rmult_le_pos; auto.
      cbn [fst snd]. rewrite labelled, outside_sum; auto. unfold evU. cbn. rewrite Q2R_one.
      specialize (Hir i k H1 H2 H3). unfold U.
      pose proof (scaled_gap _ _ _ (mass_R E i k H3) (Rge_le _ _ Hir)) as G. lra.
    - intros H. unfold sign_correct in H. cbn [fst snd] in H. apply andb_true_iff in H as [Ha H].
      cbn [fst snd]. rewrite labelled. simpl sum at 2.
      change (sum (atoms E D x) (evA E (rule d))) with (evL E (rule d) (atoms E D x)).
      rewrite (atoms_slack E D (rule d) x Ha).
      pose proof (slack_holds E D (rule d) x (Hall _ (proj1 (Hrule d))) Ha) as Hs.
      destruct (equality D x); [rewrite Hs; lra|]. simpl in H. apply le_R in H. rewrite Q2R_zero in H.
      pose proof (Rmult_le_pos _ _ H Hs). lra.
    - intros _. cbn [fst snd]. rewrite sum_app, !labelled. simpl sum at 3.
      change (sum (map (scale (-1)) (goal_of E o)) (evA E (rule 0))) with (evL E (rule 0) (map (scale (-1)) (goal_of E o))).
      change (sum (goal_of E o) (evA E (rule d))) with (evL E (rule d) (goal_of E o)).
      rewrite evL_scale, Q2R_minus1. unfold goal_of. destruct o as [o'|].
      + rewrite !goal_value, (HO (rule d) (rule 0)); try apply Hrule. lra.
      + unfold evL. simpl. lra.
  Qed.

  Lemma ambiguous_upper_sound c b : ambiguous_upper E D alpha ir o lies c = Some b ->
    evL E (rule 0) (goal_of E o) <= Q2R b.
  Proof.
    unfold ambiguous_upper. destruct (forallb (fine E D alpha ir lies) c) eqn:Hf; [|discriminate]. rewrite HL.
    destruct (Qle_bool 0 alpha && Qle_bool alpha 1); [|discriminate]. simpl andb.
    assert (Hsum : ev (put_all E D alpha o lies c) = evL E (rule 0) (goal_of E o) + sum c (fun yx => Q2R (fst yx) * evR (snd yx))).
    { unfold put_all.
      enough (forall s, ev (fold_left (fun s yx => put E D alpha o lies (fst yx) (snd yx) s) c s) =
                        ev s + sum c (fun yx => Q2R (fst yx) * evR (snd yx))) as ->.
      - rewrite puts_sound, labelled, Q2R_one. unfold ev, nothing. rewrite !evT_empty, Q2R_zero. unfold evL. lra.
      - clear Hf. induction c as [|[y x] c IH]; intros s; simpl; [lra|]. rewrite IH, put_sound. lra. }
    destruct (put_all E D alpha o lies c) as [[T W] b0].
    destruct (largest (by_rule E D) T) as [x|] eqn:Hx; [|discriminate].
    destruct (largest zero W) as [z|] eqn:Hz; [|discriminate].
    intros H. injection H as <-. rewrite !qadd_R.
    apply (largest_sound T _ fq ft) in Hx.
    2: { intros th cq ct x0 H0. destruct HA as (_ & Hall & _).
         destruct th as [|[|d] th]; simpl in H0.
         - apply (leaf_sound E D (rule 0)) in H0; [exact H0|apply Hall, Hrule].
         - apply (leaf_sound E D (rule 0)) in H0; [exact H0|apply Hall, Hrule].
         - apply (leaf_sound E D (rule d)) in H0; [exact H0|apply Hall, Hrule]. }
    apply (largest_sound W _ fu (fun _ _ => 0)) in Hz.
    2: { intros th cq ct x0 H0. unfold zero in H0.
         destruct (forallb _ cq && forallb _ ct) eqn:Hc; [|discriminate]. inversion H0. rewrite Q2R_zero.
         apply andb_true_iff in Hc as [Hc1 Hc2].
         assert (Z : forall f l k, forallb (fun c => Qeq_bool c 0) l = true -> dot l f k = 0).
         { intros f. induction l as [|y l IH]; intros k Hl; simpl in *; auto. apply andb_true_iff in Hl as [Hl Hl'].
           apply eq_R in Hl. rewrite Hl, Q2R_zero, IH; auto. lra. }
         rewrite !Z; auto. lra. }
    assert (Hpos : 0 <= sum c (fun yx => Q2R (fst yx) * evR (snd yx))).
    { clear Hsum. induction c as [|[y r] c IH]; simpl in *; [lra|]. apply andb_true_iff in Hf as [H1 H2].
      specialize (IH H2). pose proof (row_sound y r H1). lra. }
    unfold ev in Hsum. lra.
  Qed.
End Soundness.

Section Theorems.
  Variable E : environment.
  Variable D : design.
  Variable alpha : Q.
  Variable ir : bool.

  Lemma upper_needs o lies c b : ambiguous_upper E D alpha ir o lies c = Some b ->
    forallb (lie_ok E) lies = true /\ 0 <= Q2R alpha <= 1.
  Proof.
    unfold ambiguous_upper. destruct (forallb (fine E D alpha ir lies) c); [|discriminate].
    destruct (forallb (lie_ok E) lies); [|discriminate]. simpl.
    destruct (Qle_bool 0 alpha) eqn:H0; [|discriminate]. destruct (Qle_bool alpha 1) eqn:H1; [|discriminate].
    apply le_R in H0, H1. rewrite Q2R_zero in H0. rewrite Q2R_one in H1. auto.
  Qed.

  Theorem ambiguous_refutation lies c : ambiguous_refutes E D alpha ir lies c = true ->
    ~ exists rules, ambiguous E D alpha ir rules.
  Proof.
    intros H [rules HM]. unfold ambiguous_refutes in H.
    destruct (ambiguous_upper E D alpha ir None lies c) as [b|] eqn:Hb; [|discriminate].
    destruct (upper_needs None lies c b Hb) as [HL Hal].
    destruct (choose E D alpha ir rules HM lies) as [rule Hr].
    apply (ambiguous_upper_sound E D alpha ir None lies rules HM I HL Hal rule Hr) in Hb.
    apply negb_true_iff, nle_R in H. rewrite Q2R_zero in H. unfold evL in Hb. simpl in Hb. lra.
  Qed.

  Theorem ambiguous_bound o v lies c : ambiguous_bounds E D alpha ir o v lies c = true ->
    forall rules, ambiguous E D alpha ir rules -> one_value (value E o) rules ->
    forall M, In M rules -> value E o M <= Q2R v.
  Proof.
    intros H rules HM HO M Hin. unfold ambiguous_bounds in H.
    destruct (ambiguous_upper E D alpha ir (Some o) lies c) as [b|] eqn:Hb; [|discriminate].
    destruct (upper_needs (Some o) lies c b Hb) as [HL Hal].
    destruct (choose E D alpha ir rules HM lies) as [rule Hr].
    apply (ambiguous_upper_sound E D alpha ir (Some o) lies rules HM HO HL Hal rule Hr) in Hb.
    simpl in Hb. rewrite goal_value in Hb. apply le_R in H.
    rewrite (HO M (rule 0%nat)); auto; [lra|apply Hr].
  Qed.

  Lemma qworst_R ms f g : (forall m, Q2R (f m) = g (of_tables m)) -> Q2R (qworst ms f) = worst (map of_tables ms) g.
  Proof.
    intros H. induction ms as [|m [|m' ms] IH]; [apply Q2R_zero|apply H|].
    change (worst (map of_tables (m :: m' :: ms)) g) with (Rmin (g (of_tables m)) (worst (map of_tables (m' :: ms)) g)).
    rewrite <- IH, <- H.
    change (qworst (m :: m' :: ms) f) with (let w := qworst (m' :: ms) f in if Qle_bool (f m) w then f m else w).
    cbv zeta. set (w := qworst (m' :: ms) f). destruct (Qle_bool (f m) w) eqn:Hq.
    - apply le_R in Hq. rewrite Rmin_left; auto.
    - apply nle_R in Hq. rewrite Rmin_right; auto. lra.
  Qed.
  Lemma qbest_R ms f g : (forall m, Q2R (f m) = g (of_tables m)) -> Q2R (qbest ms f) = best (map of_tables ms) g.
  Proof.
    intros H. induction ms as [|m [|m' ms] IH]; [apply Q2R_zero|apply H|].
    change (best (map of_tables (m :: m' :: ms)) g) with (Rmax (g (of_tables m)) (best (map of_tables (m' :: ms)) g)).
    rewrite <- IH, <- H.
    change (qbest (m :: m' :: ms) f) with (let w := qbest (m' :: ms) f in if Qle_bool (f m) w then w else f m).
    cbv zeta. set (w := qbest (m' :: ms) f). destruct (Qle_bool (f m) w) eqn:Hq.
    - apply le_R in Hq. rewrite Rmax_right; auto.
    - apply nle_R in Hq. rewrite Rmax_left; auto. lra.
  Qed.
  Lemma qprospect_R ms f g : (forall m, Q2R (f m) = g (of_tables m)) ->
    Q2R (qprospect alpha ms f) = prospect alpha (map of_tables ms) g.
  Proof.
    intros H. unfold qprospect, prospect. destruct (Qeq_bool alpha 1) eqn:H1.
    - apply eq_R in H1. rewrite Q2R_one in H1. rewrite H1, (qworst_R ms f g H). ring.
    - rewrite qadd_R, !qmul_R, qadd_R, Q2R_opp, Q2R_one, (qworst_R ms f g H), (qbest_R ms f g H). ring.
  Qed.

  Lemma told_R ms i k r : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    Q2R (qprospect alpha ms (fun m => at_form E m (form E 1 i k r))) =
    Q2R (mass E i k) * prospect alpha (map of_tables ms) (fun M => interim E M i k r).
  Proof.
    intros Hi Hk Hm. rewrite <- prospect_times by (apply mass_R, Hm). apply qprospect_R. intros m.
    rewrite at_form_R. unfold evL. rewrite form_sum; auto. rewrite Q2R_one. lra.
  Qed.

  Theorem ambiguous_passes_sound f : ambiguous_passes E D alpha ir f = true -> ambiguous E D alpha ir (map of_tables (tables_of f)).
  Proof.
    unfold ambiguous_passes. set (ms := tables_of f). rewrite !andb_true_iff. intros [Hs [[H0 H1] H2]]. rewrite forallb_forall in H1, H2.
    assert (HT : forall i k, In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
      (if ir then prospect alpha (map of_tables ms) (fun M => interim E M i k k) >= interim_outside E i k else True) /\
      forall r, In r (types E i) ->
        prospect alpha (map of_tables ms) (fun M => interim E M i k k) >= prospect alpha (map of_tables ms) (fun M => interim E M i k r)).
    { intros i k Hi Hk Hm. specialize (H2 i Hi). rewrite forallb_forall in H2.
      specialize (H2 k ltac:(apply filter_In; split; auto; apply believes_pos; auto)).
      apply andb_true_iff in H2 as [Hp Hl]. rewrite forallb_forall in Hl. split.
      - destruct ir; auto. simpl in Hp. apply le_R in Hp. rewrite qadd_R, Q2R_zero, at_form_R in Hp.
        unfold evL in Hp. rewrite outside_sum in Hp; auto. rewrite told_R in Hp; auto.
        apply Rle_ge, (Rmult_le_reg_l (Q2R (mass E i k))); [apply mass_R, Hm|lra].
      - intros r Hr. specialize (Hl r Hr). apply le_R in Hl. rewrite !told_R in Hl; auto.
        apply Rle_ge, (Rmult_le_reg_l (Q2R (mass E i k))); [apply mass_R, Hm|lra]. }
    refine (conj _ (conj _ (conj _ (conj _ _)))).
    - destruct ms; discriminate.
    - intros M HM. apply in_map_iff in HM as (m & <- & Hm). apply passes_sound. auto.
    - assert (match f with OneAllocation _ _ => one_allocation (map of_tables ms) | Each _ => True end) as G.
      { destruct f as [x ts|]; [|exact I]. exists (fun a th => Q2R (x a th)). intros M HM.
        apply in_map_iff in HM as (m & <- & Hm). unfold ms in Hm. simpl in Hm. apply in_map_iff in Hm as (t & <- & _). reflexivity. }
      destruct (allocation D); auto; destruct f; auto; discriminate.
    - intros i k r Hi Hk Hr Hm. apply HT; auto.
    - destruct ir eqn:Hir; auto. intros i k Hi Hk Hm. apply (HT i k Hi Hk Hm).
  Qed.
End Theorems.

(** ** For the files of answers *)
Ltac same_ambiguous asks question same_each :=
  intros rules; cbv beta iota delta [asks ambiguous allocation question];
  rewrite ?alpha_IC_one, ?alpha_IR_one; split; intros (A & B & C);
  (split; [exact A|]; split; [intros M HM; apply same_each, B, HM|]; tauto).

Section Answers.
  Variable E : environment.
  Variable D : design.
  Variable alpha : Q.
  Variable ir : bool.
  Variable asks : list mechanism -> Prop.
  Hypothesis same : forall rules, asks rules <-> ambiguous E D alpha ir rules.

  Lemma ambiguous_refuted lies c : ambiguous_refutes E D alpha ir lies c = true -> ~ exists rules, asks rules.
  Proof. intros H [rules HM]. apply (ambiguous_refutation E D alpha ir lies c H). exists rules. apply same, HM. Qed.

  Lemma ambiguous_exists f : ambiguous_passes E D alpha ir f = true -> exists rules, asks rules.
  Proof. intros H. exists (map of_tables (tables_of f)). apply same, ambiguous_passes_sound, H. Qed.
End Answers.

Section Values.
  Variables (E : environment) (D : design) (alpha : Q) (ir : bool) (o : objective).
  Variables (asks : list mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall rules, asks rules <-> ambiguous E D alpha ir rules.

  Lemma ambiguous_reached v f x : (forall M, value E o M = worth M) -> Q2R v = x -> ambiguous_attains E D alpha ir o v f = true ->
    exists rules, asks rules /\ forall M, In M rules -> worth M = x.
  Proof.
    intros Hw Hv H. apply andb_true_iff in H as [Hp Ha]. exists (map of_tables (tables_of f)). split.
    - apply same, ambiguous_passes_sound, Hp.
    - intros M HM. apply in_map_iff in HM as (m & <- & Hm). rewrite <- Hw, <- goal_value, <- at_form_R, <- Hv.
      rewrite forallb_forall in Ha. apply eq_R. auto.
  Qed.
  Lemma ambiguous_at_most v lies c x : (forall M, value E o M = worth M) -> Q2R v = x -> ambiguous_bounds E D alpha ir o v lies c = true ->
    forall rules, asks rules -> one_value worth rules -> forall M, In M rules -> worth M <= x.
  Proof.
    intros Hw Hv Hb rules HM HO M Hin. rewrite <- Hw, <- Hv. apply (ambiguous_bound E D alpha ir o v lies c Hb rules); auto.
    - apply same, HM.
    - intros M1 M2 H1 H2. rewrite !Hw. auto.
  Qed.
  Lemma ambiguous_at_least v lies c x : (forall M, value E o M = - worth M) -> Q2R v = - x ->
    ambiguous_bounds E D alpha ir o v lies c = true ->
    forall rules, asks rules -> one_value worth rules -> forall M, In M rules -> x <= worth M.
  Proof.
    intros Hw Hv Hb rules HM HO M Hin. enough (value E o M <= Q2R v) as G by (rewrite Hw, Hv in G; lra).
    apply (ambiguous_bound E D alpha ir o v lies c Hb rules); auto.
    - apply same, HM.
    - intros M1 M2 H1 H2. rewrite !Hw. f_equal. auto.
  Qed.
End Values.
