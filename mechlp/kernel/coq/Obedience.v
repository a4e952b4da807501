(** Recommended actions (Myerson 1982): outcomes are carried out by the agents, who hear what is recommended to them, and may play
    something else.  Definitions; the same as linear rows; mechanisms, evaluated. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Reals Lra Lia.
Require Import Mechlp Priors Maxmin.
Import ListNotations.
Open Scope R_scope.

(** * Definitions *)
Record actions := {
  num_actions : nat -> nat;               (* how many actions each agent has *)
  recommends : nat -> nat -> nat;         (* the action that outcome a recommends to agent i *)
  instead : nat -> nat -> nat -> nat      (* the outcome where agent i plays action k in place of what outcome a recommends *)
}.
Definition action_list (A : actions) (i : nat) : list nat := seq 0 (num_actions A i).

(** Every outcome recommends an action, and where that is played it is what happens. *)
Definition are_actions (E : environment) (A : actions) : Prop := forall i a, In i (agents E) -> In a (outcomes E) ->
  In (recommends A i a) (action_list A i) /\ instead A i a (recommends A i a) = a /\
  forall k, In k (action_list A i) -> In (instead A i a k) (outcomes E).

Section Definitions.
  Variables (E : environment) (A : actions) (M : mechanism).
  (** A plan: what is played where action h is recommended. *)
  Definition is_plan (i : nat) (plan : nat -> nat) : Prop := forall h, In h (action_list A i) -> In (plan h) (action_list A i).
  (** What agent i is paid at theta who reports r and follows a plan; and what her type expects. *)
  Definition payoff_of_plan (i : nat) (theta : profile) (r : nat) (plan : nat -> nat) : R :=
    (Σ a ∈ outcomes E, u E i (instead A i a (plan (recommends A i a))) theta * q M a (report theta i r)) +
    t M i (report theta i r).
  Definition interim_of_plan (i k r : nat) (plan : nat -> nat) : R :=
    (Σ theta ∈ of_type E i k, weight E i theta * payoff_of_plan i theta r plan) / mass E i k.

  (** Types are known: nobody gains by another plan than to obey. *)
  Definition obedience : Prop := forall i k plan, In i (agents E) -> In k (types E i) -> is_plan i plan ->
    (0 < mass E i k)%Q -> interim E M i k k >= interim_of_plan i k k plan.
  (** Nobody gains by another report, another plan, or both. *)
  Definition honesty_and_obedience : Prop := forall i k r plan, In i (agents E) -> In k (types E i) -> In r (types E i) ->
    is_plan i plan -> (0 < mass E i k)%Q -> interim E M i k k >= interim_of_plan i k r plan.
  Definition ex_post_honesty_and_obedience : Prop := forall i theta r plan, In i (agents E) -> In theta (Theta E) ->
    In r (types E i) -> is_plan i plan -> payoff E M i theta (type_of theta i) >= payoff_of_plan i theta r plan.
  (** The same under every belief that a type holds possible. *)
  Definition bewley_honesty_and_obedience (B : belief_sets) : Prop := forall i k r plan w, In i (agents E) -> In k (types E i) ->
    In r (types E i) -> is_plan i plan -> In w (B i k) ->
    interim (believing E w) M i k k >=
    (Σ theta ∈ of_type E i k, w theta * payoff_of_plan i theta r plan) / mass (believing E w) i k.
End Definitions.

Inductive obeying := Known | Expected | ExPost | UnderBeliefs (B : belief_sets) (ir : bool).
Definition obeys (E : environment) (A : actions) (n : obeying) (M : mechanism) : Prop :=
  match n with
  | Known => obedience E A M | Expected => honesty_and_obedience E A M | ExPost => ex_post_honesty_and_obedience E A M
  | UnderBeliefs B ir => bewley_honesty_and_obedience E A M B /\ (if ir then bewley_IR E B M else True)
  end.

(** Data: lists by agent, then by outcome. *)
Definition recommended (l : list (list nat)) (i a : nat) : nat := nth a (nth i l []) 0%nat.
Definition carried_out (l : list (list (list nat))) (i a k : nat) : nat := nth k (nth a (nth i l []) []) 0%nat.
Definition actions_of (l : list nat) (i : nat) : nat := nth i l 0%nat.

(** * The checker *)

(** Agent i, of a type (with one of her beliefs) or at a profile, reports r and follows a plan, a list of what is played by
    recommendation; or stays out. *)
Inductive deviation := Interim (i k r : nat) (plan : list nat) | AtProfile (i : nat) (theta : profile) (r : nat) (plan : list nat)
| UnderBelief (w i k r : nat) (plan : list nat) | StayOut (w i k : nat).
Definition listed (plan : list nat) (h : nat) : nat := nth h plan 0%nat.

Section Checker.
  Variables (E : environment) (A : actions) (n : obeying).

  Definition actions_fine : bool := forallb (fun i => forallb (fun a =>
    (recommends A i a <? num_actions A i)%nat && (instead A i a (recommends A i a) =? a)%nat &&
    forallb (fun k => (instead A i a k <? num_outcomes E)%nat) (action_list A i)) (outcomes E)) (agents E).

  (** Truth less a deviation, summed over profiles with coefficients. *)
  Definition plan_row (l : list (Q * profile)) (i k r : nat) (plan : nat -> nat) : linear_row :=
    {| on_chances := flat_map (fun x => map (fun a => (qmul (fst x) (u E i a (snd x)), a, report (snd x) i k)) (outcomes E) ++
         map (fun a => (qmul (Qopp (fst x)) (u E i (instead A i a (plan (recommends A i a))) (snd x)), a, report (snd x) i r))
           (outcomes E)) l;
       on_transfers := flat_map (fun x => [(fst x, i, report (snd x) i k); (Qopp (fst x), i, report (snd x) i r)]) l;
       is_equality := false; bound_below := 0%Q |}.
  Definition weighed (i k : nat) : list (Q * profile) := map (fun theta => (weight E i theta, theta)) (cells E i k).
  (** Truth less the outside option. *)
  Definition part_row (l : list (Q * profile)) (i k : nat) (out : Q) : linear_row :=
    {| on_chances := flat_map (fun x => map (fun a => (qmul (fst x) (u E i a (snd x)), a, report (snd x) i k)) (outcomes E)) l;
       on_transfers := map (fun x => (fst x, i, report (snd x) i k)) l; is_equality := false; bound_below := out |}.
  Definition belief_of (w i k : nat) : profile -> Q :=
    match n with UnderBeliefs B _ => nth w (B i k) (fun _ => 0%Q) | _ => fun _ => 0%Q end.
  Definition held (w : profile -> Q) (i k : nat) : list (Q * profile) := map (fun theta => (w theta, theta)) (cells E i k).
  Definition row_of (d : deviation) : linear_row :=
    match d with
    | UnderBelief w i k r plan => plan_row (held (belief_of w i k) i k) i k r (listed plan)
    | StayOut w i k => part_row (held (belief_of w i k) i k) i k (staying E i k (belief_of w i k))
    | Interim i k r plan => plan_row (weighed i k) i k r (listed plan)
    | AtProfile i theta r plan => plan_row [(1%Q, theta)] i (type_of theta i) r (listed plan)
    end.
  Definition plan_fine (i : nat) (plan : list nat) : bool :=
    forallb (fun h => (listed plan h <? num_actions A i)%nat) (action_list A i).
  Definition deviation_fine (d : deviation) : bool :=
    match n, d with
    | Known, Interim i k r plan => is_agent E i && is_type E i k && believes E i k && (r =? k)%nat && plan_fine i plan
    | Expected, Interim i k r plan => is_agent E i && is_type E i k && believes E i k && is_type E i r && plan_fine i plan
    | ExPost, AtProfile i theta r plan => is_agent E i && valid (sizes E) theta && is_type E i r && plan_fine i plan
    | UnderBeliefs B _, UnderBelief w i k r plan =>
        is_agent E i && is_type E i k && is_type E i r && (w <? length (B i k))%nat && plan_fine i plan
    | UnderBeliefs B ir, StayOut w i k => ir && (is_agent E i && is_type E i k && (w <? length (B i k))%nat)
    | _, _ => false
    end.
  Definition deviations_fine (l : list deviation) : bool :=
    match n with UnderBeliefs B _ => sets_fine E B | _ => true end && forallb deviation_fine l.
  Definition with_plans (D : design) (l : list deviation) : design :=
    {| ic := ic D; ir := ir D; bb := bb D; allocation := allocation D; low := low D; high := high D;
       own := own D ++ map row_of l |}.
  Definition obeying_refutes (D : design) (l : list deviation) (c : certificate) : bool :=
    deviations_fine l && refutes E (with_plans D l) c.
  Definition obeying_bounds (D : design) (o : objective) (v : Q) (l : list deviation) (c : certificate) : bool :=
    deviations_fine l && bounds E (with_plans D l) o v c.

  (** The best that can be made of a report: of each recommendation the best action. *)
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).
  Definition played (l : list (Q * profile)) (i r h p : nat) : Q :=
    qtotal l (fun x => qmul (fst x) (qtotal (outcomes E) (fun a =>
      if (recommends A i a =? h)%nat then qmul (u E i (instead A i a p) (snd x)) (fst m a (report (snd x) i r)) else 0%Q))).
  Definition paid (l : list (Q * profile)) (i r : nat) : Q := qtotal l (fun x => qmul (fst x) (snd m i (report (snd x) i r))).
  Definition truth_of (l : list (Q * profile)) (i k : nat) : Q := qadd (qtotal l (fun x => qmul (fst x) (qtotal (outcomes E) (fun a =>
    qmul (u E i a (snd x)) (fst m a (report (snd x) i k)))))) (paid l i k).
  Definition qgreatest {X} (l : list X) (f : X -> Q) : Q :=
    match l with [] => 0%Q | x :: rest => fold_left (fun b y => if Qle_bool b (f y) then f y else b) rest (f x) end.
  Definition best_plan (l : list (Q * profile)) (i r : nat) : Q :=
    qadd (qtotal (action_list A i) (fun h => qgreatest (action_list A i) (played l i r h))) (paid l i r).
  Definition never_better (l : list (Q * profile)) (i k r : nat) : bool := Qle_bool (best_plan l i r) (truth_of l i k).
  Definition all_obey : bool := actions_fine && match n with
    | Known => forallb (fun i => forallb (fun k => never_better (weighed i k) i k k) (filter (believes E i) (types E i))) (agents E)
    | Expected => forallb (fun i => forallb (fun k => forallb (never_better (weighed i k) i k) (types E i))
        (filter (believes E i) (types E i))) (agents E)
    | ExPost => forallb (fun i => forallb (fun theta => forallb (never_better [(1%Q, theta)] i (type_of theta i)) (types E i))
        (Theta E)) (agents E)
    | UnderBeliefs B ir => sets_fine E B && forallb (fun i => forallb (fun k => forallb (fun w =>
        forallb (never_better (held w i k) i k) (types E i) &&
        (negb ir || Qle_bool (staying E i k w) (truth_of (held w i k) i k))) (B i k)) (types E i)) (agents E)
    end.
End Checker.

(** * Soundness *)
Arguments Q2R : simpl never.

Theorem actions_fine_sound E A : actions_fine E A = true -> are_actions E A.
Proof.
  unfold actions_fine, are_actions, action_list. rewrite forallb_forall. intros H i a Hi Ha. specialize (H i Hi).
  rewrite forallb_forall in H. specialize (H a Ha). rewrite !andb_true_iff, forallb_forall, Nat.ltb_lt, Nat.eqb_eq in H.
  destruct H as [[H1 H2] H3]. rewrite in_seq. split; [lia|]. split; [exact H2|]. intros k Hk. specialize (H3 k Hk).
  apply Nat.ltb_lt in H3. unfold outcomes. apply in_seq. lia.
Qed.

Section Rows.
  Variables (E : environment) (A : actions) (M : mechanism).

  Lemma plan_form l i k r plan : form_of M (plan_row E A l i k r plan) =
    Σ x ∈ l, Q2R (fst x) * (payoff E M i (snd x) k - payoff_of_plan E A M i (snd x) r plan).
  Proof.
    unfold form_of, plan_row. cbn [on_chances on_transfers]. rewrite !sum_flat_map, <- sum_plus. apply sum_ext. intros x _.
    rewrite sum_app, !sum_map. simpl. rewrite Q2R_opp. unfold payoff, payoff_of_plan.
    rewrite (sum_ext _ _ (fun a => Q2R (fst x) * (Q2R (u E i a (snd x)) * q M a (report (snd x) i k)))).
    2:{ intros a _. rewrite qmul_R. ring. }
    rewrite (sum_ext _ (fun a => Q2R (qmul _ _) * _)
      (fun a => - Q2R (fst x) * (Q2R (u E i (instead A i a (plan (recommends A i a))) (snd x)) * q M a (report (snd x) i r)))).
    2:{ intros a _. rewrite qmul_R, Q2R_opp. ring. }
    rewrite !sum_times. ring.
  Qed.
  Lemma weighed_form i k r plan : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    form_of M (plan_row E A (weighed E i k) i k r plan) = Q2R (mass E i k) * (interim E M i k k - interim_of_plan E A M i k r plan).
  Proof.
    intros Hi Hk Hm. rewrite plan_form. unfold weighed. rewrite sum_map. simpl. unfold interim, interim_of_plan.
    rewrite Rmult_minus_distr_l, !average, sum_minus; auto. apply sum_ext. intros th _. ring.
  Qed.
  Lemma part_form l i k out : form_of M (part_row E l i k out) = Σ x ∈ l, Q2R (fst x) * payoff E M i (snd x) k.
  Proof.
    unfold form_of, part_row. cbn [on_chances on_transfers]. rewrite sum_flat_map, sum_map, <- sum_plus. apply sum_ext. intros x _.
    rewrite sum_map. unfold payoff. rewrite Rmult_plus_distr_l, <- sum_times. f_equal. apply sum_ext. intros a _. rewrite qmul_R. ring.
  Qed.
  Lemma held_form w i k r plan : In i (agents E) -> In k (types E i) -> (0 < mass (believing E w) i k)%Q ->
    Q2R (mass (believing E w) i k) = 1 -> form_of M (plan_row E A (held E w i k) i k r plan) =
    interim (believing E w) M i k k - (Σ theta ∈ of_type E i k, w theta * payoff_of_plan E A M i theta r plan) / mass (believing E w) i k.
  Proof.
    intros Hi Hk Hm H1. rewrite plan_form. unfold held. rewrite sum_map. simpl.
    assert (P : forall f, (Σ theta ∈ of_type E i k, Q2R (w theta) * f theta) / Q2R (mass (believing E w) i k) =
      Σ theta ∈ cells E i k, Q2R (w theta) * f theta) by (intros f; rewrite H1, cells_of_type by auto; field).
    change (interim (believing E w) M i k k) with
      ((Σ theta ∈ of_type E i k, Q2R (w theta) * payoff E M i theta k) / Q2R (mass (believing E w) i k)).
    rewrite !P, sum_minus. apply sum_ext. intros th _. ring.
  Qed.
  Lemma held_truth w i k : In i (agents E) -> In k (types E i) -> (0 < mass (believing E w) i k)%Q ->
    Q2R (mass (believing E w) i k) = 1 ->
    (Σ x ∈ held E w i k, Q2R (fst x) * payoff E M i (snd x) k) = interim (believing E w) M i k k.
  Proof.
    intros Hi Hk Hm H1. unfold held. rewrite sum_map. simpl. rewrite <- (Rmult_1_l (interim _ _ _ _ _)), <- H1 at 1.
    unfold interim. rewrite (average (believing E w)); auto.
  Qed.
  Lemma plan_fine_sound i plan : plan_fine A i plan = true -> is_plan A i (listed plan).
  Proof.
    unfold plan_fine, is_plan. rewrite forallb_forall. intros H h Hh. specialize (H h Hh). apply Nat.ltb_lt in H.
    unfold action_list. apply in_seq. lia.
  Qed.
  Definition beliefs_known (n : obeying) : Prop := match n with UnderBeliefs B _ => sets_of_beliefs E B | _ => True end.
  Lemma deviation_sound n d : obeys E A n M -> beliefs_known n -> deviation_fine E A n d = true ->
    form_of M (row_of E A n d) >= Q2R (bound_below (row_of E A n d)).
  Proof.
    assert (S : forall i k r plan, In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
      interim E M i k k >= interim_of_plan E A M i k r plan -> form_of M (plan_row E A (weighed E i k) i k r plan) >= 0).
    { intros i k r plan Hi Hk Hm H. rewrite weighed_form; auto. apply Rle_ge, Rmult_le_pos; [|lra].
      apply Rlt_le, mass_R, Hm. }
    destruct n as [| | |B ir], d as [i k r plan|i theta r plan|w i k r plan|w i k]; simpl; intros H HB Hf; try discriminate;
      rewrite !andb_true_iff in Hf.
    - rewrite Q2R_zero. destruct Hf as [[[[H1 H2] H3] H4] H5]. apply is_agent_in in H1. apply is_type_in in H2. apply believes_pos in H3; auto.
      apply Nat.eqb_eq in H4. subst r. apply S; auto. apply H; auto. apply plan_fine_sound, H5.
    - rewrite Q2R_zero. destruct Hf as [[[[H1 H2] H3] H4] H5]. apply is_agent_in in H1. apply is_type_in in H2, H4. apply believes_pos in H3; auto.
      apply S; auto. apply H; auto. apply plan_fine_sound, H5.
    - rewrite Q2R_zero. destruct Hf as [[[H1 H2] H3] H4]. apply is_agent_in in H1. apply valid_grid in H2. apply is_type_in in H3.
      rewrite plan_form. simpl. rewrite Q2R_one.
      specialize (H i theta r (listed plan) H1 H2 H3 (plan_fine_sound _ _ H4)). lra.
    - rewrite Q2R_zero. destruct H as [H _]. destruct Hf as [[[[H1 H2] H3] H4] H5].
      apply is_agent_in in H1. apply is_type_in in H2, H3. apply Nat.ltb_lt in H4. apply plan_fine_sound in H5.
      pose proof (nth_In (B i k) (fun _ => 0%Q) H4) as Hw. destruct (sure E B HB _ i k H1 H2 Hw) as [Hm Hm1].
      rewrite held_form by auto. specialize (H i k r (listed plan) _ H1 H2 H3 H5 Hw). lra.
    - destruct H as [_ H]. destruct Hf as [Hir [[H1 H2] H4]]. subst ir.
      apply is_agent_in in H1. apply is_type_in in H2. apply Nat.ltb_lt in H4.
      pose proof (nth_In (B i k) (fun _ => 0%Q) H4) as Hw. destruct (sure E B HB _ i k H1 H2 Hw) as [Hm Hm1].
      specialize (H i k _ H1 H2 Hw). rewrite (staying_R E B HB) by auto. rewrite part_form, held_truth by auto. exact H.
  Qed.
  Lemma deviations_fine_known n l : deviations_fine E A n l = true -> beliefs_known n /\ forallb (deviation_fine E A n) l = true.
  Proof.
    unfold deviations_fine, beliefs_known. intros H. apply andb_true_iff in H as [H1 H2]. split; [|exact H2].
    destruct n; auto. apply sets_fine_sound, H1.
  Qed.
  Lemma with_plans_sound n D l : satisfies E D M -> obeys E A n M -> deviations_fine E A n l = true ->
    satisfies E (with_plans E A n D l) M.
  Proof.
    intros (H1 & H2 & H3 & H4 & H5 & H6 & H7) HO Hl. apply deviations_fine_known in Hl as [HB Hl]. refine (conj H1 (conj H2 (conj H3 (conj H4 (conj H5 (conj H6 _)))))).
    intros x Hx. simpl in Hx. apply in_app_or in Hx as [Hx|Hx]; [apply H7, Hx|]. apply in_map_iff in Hx as (d & <- & Hd).
    rewrite forallb_forall in Hl. specialize (Hl d Hd). apply (deviation_sound n d HO HB) in Hl.
    destruct d; exact Hl.
  Qed.
End Rows.

(** ** Mechanisms *)
Lemma qgreatest_le {X} (l : list X) f x : In x l -> Q2R (f x) <= Q2R (qgreatest l f).
Proof.
  assert (G : forall l b, Q2R b <= Q2R (fold_left (fun b y => if Qle_bool b (f y) then f y else b) l b) /\
    forall y, In y l -> Q2R (f y) <= Q2R (fold_left (fun b y => if Qle_bool b (f y) then f y else b) l b)).
  { induction l0 as [|z l0 IH]; intros b; simpl; [split; [lra|intros y []]|].
    destruct (Qle_bool b (f z)) eqn:H.
    - apply le_R in H. destruct (IH (f z)) as [I1 I2]. split; [lra|]. intros y [->|Hy]; auto.
    - apply nle_R in H. destruct (IH b) as [I1 I2]. split; [lra|]. intros y [->|Hy]; auto. lra. }
  destruct l as [|z l]; [intros []|]. intros [->|H]; simpl; [apply (proj1 (G l _))|apply (proj2 (G l _)), H].
Qed.
Lemma sum_by {X} (l : list X) (key : X -> nat) (f : X -> nat -> R) n : (forall x, In x l -> (key x < n)%nat) ->
  sum l (fun x => f x (key x)) = Σ h ∈ seq 0 n, Σ x ∈ l, if (key x =? h)%nat then f x h else 0.
Proof.
  assert (Z : forall (g : nat -> R) c n k, (c < k)%nat -> (Σ h ∈ seq k n, if (c =? h)%nat then g h else 0) = 0).
  { intros g c. induction n0; intros k H; simpl; auto. destruct (Nat.eqb_spec c k); [lia|]. rewrite IHn0; [lra|lia]. }
  assert (S : forall (g : nat -> R) c n k, (k <= c < k + n)%nat -> (Σ h ∈ seq k n, if (c =? h)%nat then g h else 0) = g c).
  { intros g c. induction n0; intros k H; simpl; [lia|]. destruct (Nat.eqb_spec c k) as [->|Hne].
    - rewrite Z; [lra|lia].
    - rewrite IHn0; [lra|lia]. }
  induction l as [|x l IH]; intros H; simpl.
  - rewrite (sum_ext _ _ (fun _ => 0 * 0)); [rewrite sum_times; lra|intros; lra].
  - rewrite sum_plus, <- IH by (intros y Hy; apply H; right; exact Hy). f_equal. symmetry. apply (S (f x)).
    specialize (H x (or_introl eq_refl)). lia.
Qed.

Section Tables.
  Variables (E : environment) (A : actions) (m : (nat -> profile -> Q) * (nat -> profile -> Q)).
  Hypothesis HA : are_actions E A.
  Let M := of_tables m.

  Lemma paid_R l i r : Q2R (paid m l i r) = Σ x ∈ l, Q2R (fst x) * t M i (report (snd x) i r).
  Proof. unfold paid. rewrite qtotal_R. apply sum_ext. intros x _. apply qmul_R. Qed.
  Lemma truth_R l i k : Q2R (truth_of E m l i k) = Σ x ∈ l, Q2R (fst x) * payoff E M i (snd x) k.
  Proof.
    unfold truth_of. rewrite qadd_R, paid_R, qtotal_R, <- sum_plus. apply sum_ext. intros x _.
    rewrite qmul_R, qtotal_R. unfold payoff.
    rewrite (sum_ext _ _ (fun a => Q2R (u E i a (snd x)) * q M a (report (snd x) i k))) by (intros a _; apply qmul_R). ring.
  Qed.
  Lemma plan_R l i r plan : In i (agents E) -> is_plan A i plan ->
    (Σ x ∈ l, Q2R (fst x) * payoff_of_plan E A M i (snd x) r plan) <= Q2R (best_plan E A m l i r).
  Proof.
    intros Hi Hp. unfold best_plan. rewrite qadd_R, paid_R, qtotal_R.
    apply Rle_trans with ((Σ h ∈ action_list A i, Q2R (played E A m l i r h (plan h))) +
                          Σ x ∈ l, Q2R (fst x) * t M i (report (snd x) i r)).
    - apply Req_le. unfold action_list.
      transitivity (Σ x ∈ l, (Σ h ∈ seq 0 (num_actions A i), Q2R (fst x) * Σ a ∈ outcomes E,
        if (recommends A i a =? h)%nat then Q2R (u E i (instead A i a (plan h)) (snd x)) * q M a (report (snd x) i r) else 0) +
        Q2R (fst x) * t M i (report (snd x) i r)).
      + apply sum_ext. intros x _. unfold payoff_of_plan. rewrite Rmult_plus_distr_l, sum_times. do 2 f_equal.
        apply (sum_by (outcomes E) (recommends A i)
          (fun a h => Q2R (u E i (instead A i a (plan h)) (snd x)) * q M a (report (snd x) i r))).
        intros a Ha. destruct (HA i a Hi Ha) as [H _]. unfold action_list in H. apply in_seq in H. lia.
      + rewrite sum_plus. f_equal. generalize (seq 0 (num_actions A i)). intros hs.
        assert (W : forall (f : Q * profile -> nat -> R) l hs, sum l (fun x => sum hs (f x)) = sum hs (fun h => sum l (fun x => f x h))).
        { intros f l0. induction l0 as [|x l0 IH]; intros g; simpl.
          - symmetry. rewrite (sum_ext _ _ (fun _ => 0 * 0)); [rewrite sum_times; lra|intros; lra].
          - rewrite IH, <- sum_plus. reflexivity. }
        rewrite W. apply sum_ext. intros h _. unfold played. rewrite qtotal_R. apply sum_ext. intros x _. rewrite qmul_R, qtotal_R.
        f_equal. apply sum_ext. intros a _. destruct (recommends A i a =? h)%nat; [symmetry; apply qmul_R|symmetry; apply Q2R_zero].
    - apply Rplus_le_compat_r, sum_le. intros h Hh. apply (qgreatest_le (action_list A i) (played E A m l i r h)), Hp, Hh.
  Qed.
  Lemma never_better_sound l i k r plan : In i (agents E) -> is_plan A i plan -> never_better E A m l i k r = true ->
    0 <= form_of M (plan_row E A l i k r plan).
  Proof.
    intros Hi Hp H. apply le_R in H. rewrite truth_R in H. pose proof (plan_R l i r plan Hi Hp) as G. rewrite plan_form.
    rewrite (sum_ext _ _ (fun x => Q2R (fst x) * payoff E M i (snd x) k - Q2R (fst x) * payoff_of_plan E A M i (snd x) r plan))
      by (intros; ring). rewrite <- sum_minus. lra.
  Qed.
End Tables.

Theorem all_obey_sound E A n m : all_obey E A n m = true -> obeys E A n (of_tables m).
Proof.
  unfold all_obey. intros H. apply andb_true_iff in H as [HA H]. apply actions_fine_sound in HA.
  assert (S : forall i k r plan, In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q -> is_plan A i plan ->
    never_better E A m (weighed E i k) i k r = true -> interim E (of_tables m) i k k >= interim_of_plan E A (of_tables m) i k r plan).
  { intros i k r plan Hi Hk Hm Hp Hn. apply (never_better_sound E A m HA _ i k r plan Hi Hp) in Hn.
    rewrite weighed_form in Hn; auto. apply (times_nonneg _ _ (mass_R E i k Hm)) in Hn. lra. }
  destruct n as [| | |B ir]; simpl; try rewrite forallb_forall in H.
  - intros i k plan Hi Hk Hp Hm. specialize (H i Hi). rewrite forallb_forall in H. apply S; auto. apply H, filter_In.
    split; auto. apply believes_pos; auto.
  - intros i k r plan Hi Hk Hr Hp Hm. specialize (H i Hi). rewrite forallb_forall in H.
    assert (Hk' : In k (filter (believes E i) (types E i))) by (apply filter_In; split; auto; apply believes_pos; auto).
    specialize (H k Hk'). rewrite forallb_forall in H. apply S; auto.
  - intros i theta r plan Hi Ht Hr Hp. specialize (H i Hi). rewrite forallb_forall in H. specialize (H theta Ht).
    rewrite forallb_forall in H. specialize (H r Hr). apply (never_better_sound E A m HA _ i _ r plan Hi Hp) in H.
    rewrite plan_form in H. simpl in H. rewrite Q2R_one in H. lra.
  - apply andb_true_iff in H as [HB H]. apply sets_fine_sound in HB. rewrite forallb_forall in H.
    assert (K : forall i k w, In i (agents E) -> In k (types E i) -> In w (B i k) ->
      forallb (never_better E A m (held E w i k) i k) (types E i) && (negb ir || Qle_bool (staying E i k w) (truth_of E m (held E w i k) i k)) = true).
    { intros i k w Hi Hk Hw. specialize (H i Hi). rewrite forallb_forall in H. specialize (H k Hk). rewrite forallb_forall in H. auto. }
    clear H. split.
    + intros i k r plan w Hi Hk Hr Hp Hw. specialize (K i k w Hi Hk Hw). apply andb_true_iff in K as [K _].
      rewrite forallb_forall in K. specialize (K r Hr). destruct (sure E B HB w i k Hi Hk Hw) as [Hm Hm1].
      apply (never_better_sound E A m HA _ i k r plan Hi Hp) in K. rewrite held_form in K by auto. lra.
    + destruct ir; [|exact I]. intros i k w Hi Hk Hw. specialize (K i k w Hi Hk Hw). apply andb_true_iff in K as [_ K].
      simpl in K. destruct (sure E B HB w i k Hi Hk Hw) as [Hm Hm1]. apply le_R in K. rewrite (staying_R E B HB) in K by auto.
      rewrite truth_R, held_truth in K by auto. lra.
Qed.

(** ** For the files of answers *)
Section Answers.
  Variables (E : environment) (D : design) (A : actions) (n : obeying).

  Lemma none_obey (asks : mechanism -> Prop) l c : (forall M, asks M <-> satisfies E D M /\ obeys E A n M) ->
    obeying_refutes E A n D l c = true -> ~ exists M, asks M.
  Proof.
    intros same H [M HM]. apply same in HM as [HS HO]. apply andb_true_iff in H as [H1 H2].
    apply (refutation E _ c H2). exists M. apply (with_plans_sound E A M n D l HS HO H1).
  Qed.
  Lemma one_obeys (asks : mechanism -> Prop) m : (forall M, asks M <-> satisfies E D M /\ obeys E A n M) ->
    passes E D m && all_obey E A n m = true -> exists M, asks M.
  Proof.
    intros same H. apply andb_true_iff in H as [H1 H2]. exists (of_tables m). apply same. split.
    - apply passes_sound, H1.
    - apply all_obey_sound, H2.
  Qed.

  Variables (o : objective) (asks : mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall M, asks M <-> satisfies E D M /\ obeys E A n M.
  Lemma obeying_bound v l c : obeying_bounds E A n D o v l c = true -> forall M, asks M -> value E o M <= Q2R v.
  Proof.
    intros H M HM. apply same in HM as [HS HO]. apply andb_true_iff in H as [H1 H2].
    apply (bound E _ o v c H2), (with_plans_sound E A M n D l HS HO H1).
  Qed.
  Lemma obeys_at_most v l c x : (forall M, value E o M = worth M) -> Q2R v = x -> obeying_bounds E A n D o v l c = true ->
    forall M, asks M -> worth M <= x.
  Proof. intros Hw Hv H M HM. rewrite <- Hw, <- Hv. apply (obeying_bound v l c H M HM). Qed.
  Lemma obeys_at_least v l c x : (forall M, value E o M = - worth M) -> Q2R v = - x -> obeying_bounds E A n D o v l c = true ->
    forall M, asks M -> x <= worth M.
  Proof. intros Hw Hv H M HM. pose proof (obeying_bound v l c H M HM) as G. rewrite Hw, Hv in G. lra. Qed.
  Lemma obeys_reached v m x : (forall M, value E o M = worth M) -> Q2R v = x -> attains E D m o v && all_obey E A n m = true ->
    exists M, asks M /\ worth M = x.
  Proof.
    intros Hw Hv H. apply andb_true_iff in H as [H1 H2]. unfold attains in H1. apply andb_true_iff in H1 as [H1 H3].
    exists (of_tables m). split.
    - apply same. split; [apply passes_sound, H1 | apply all_obey_sound, H2].
    - rewrite <- Hw, <- goal_value, <- at_form_R, <- Hv. apply eq_R, H3.
  Qed.
End Answers.

(** A designer who holds a set of priors possible. *)
Section Guarantees.
  Variables (E : environment) (D : design) (A : actions) (n : obeying) (rows : list row) (o : objective).
  Variables (asks : mechanism -> Prop) (worth : (profile -> R) -> mechanism -> R) (x : R) (v : Q).
  Hypothesis Hw : forall p M, expected E o p M = worth p M.
  Hypothesis Hv : Q2R v = x.

  Lemma none_obeying_guarantees p z l c : (forall M, asks M -> satisfies E D M /\ obeys E A n M) ->
    deviations_fine E A n l && none_under E rows (with_plans E A n D l) o v p z c = true ->
    forall M, asks M -> exists p, possible_prior E rows p /\ worth p M <= x.
  Proof.
    intros H Hc M HM. apply andb_true_iff in Hc as [H1 H2]. destruct (H M HM) as [HS HO].
    destruct (none_under_sound E rows _ o v p z c H2 M (with_plans_sound E A M n D l HS HO H1)) as (p' & G1 & G2).
    exists p'. rewrite <- Hw, <- Hv. auto.
  Qed.
  Lemma one_obeying_guarantees m total prices : (forall M, satisfies E D M -> obeys E A n M -> asks M) ->
    passes E D m && all_obey E A n m && guarantees E rows o m v total prices = true ->
    exists M, asks M /\ forall p, possible_prior E rows p -> x <= worth p M.
  Proof.
    intros H Hc. rewrite !andb_true_iff in Hc. destruct Hc as [[H1 H0] H2]. exists (of_tables m). split.
    - apply H; [apply passes_sound, H1|apply all_obey_sound, H0].
    - intros p Hp. rewrite <- Hw, <- Hv. apply (guarantees_sound E rows o m v total prices H2 p Hp).
  Qed.
End Guarantees.

(** [asks M <-> satisfies E question M /\ obeys E A n M]. *)
Ltac same_obedience asks question :=
  intros M; cbv beta iota delta [asks obeys satisfies question ic ir bb allocation low high own];
  pose proof transfers_free; pose proof no_rows; intuition auto.
