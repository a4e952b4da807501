(** Incentive compatibility where some lies are impossible, or may pay a little (Green and Laffont 1986): by the library's linear rows. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Rbasic_fun Lra Lia.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

(** * Definitions: [may i k r], type k of agent i can report r; [pay i k r], by how much that may be worth more than truth *)
Section Definitions.
  Variables (E : environment) (M : mechanism) (may : nat -> nat -> nat -> bool) (pay : nat -> nat -> nat -> Q).
  Definition bayesian_IC_among : Prop := forall i k r, In i (agents E) -> In k (types E i) -> In r (types E i) ->
    may i k r = true -> (0 < mass E i k)%Q -> interim E M i k k + pay i k r >= interim E M i k r.
  Definition ex_post_IC_among : Prop := forall i theta r, In i (agents E) -> In theta (Theta E) -> In r (types E i) ->
    may i (type_of theta i) r = true ->
    payoff E M i theta (type_of theta i) + pay i (type_of theta i) r >= payoff E M i theta r.
End Definitions.
Definition flags (l : list (list (list bool))) (i k r : nat) : bool := nth r (nth k (nth i l []) []) false.
Definition gains (l : list (list (list Q))) (i k r : nat) : Q := nth r (nth k (nth i l []) []) 0%Q.

(** * The same as linear rows *)
Section Rows.
  Variables (E : environment) (may : nat -> nat -> nat -> bool) (pay : nat -> nat -> nat -> Q).

  (** [c] times what reporting r is worth at theta. *)
  Definition worth_q (c : Q) (i : nat) (theta : profile) (r : nat) : list (Q * nat * profile) :=
    map (fun a => (qmul c (u E i a theta), a, report theta i r)) (outcomes E).
  Definition worth_t (c : Q) (i : nat) (theta : profile) (r : nat) : list (Q * nat * profile) := [(c, i, report theta i r)].
  Definition lie_row (l : list (Q * profile)) (i k r : nat) (slack : Q) : linear_row :=
    {| on_chances := flat_map (fun x => worth_q (fst x) i (snd x) k ++ worth_q (Qopp (fst x)) i (snd x) r) l;
       on_transfers := flat_map (fun x => worth_t (fst x) i (snd x) k ++ worth_t (Qopp (fst x)) i (snd x) r) l;
       is_equality := false; bound_below := Qopp slack |}.
  Definition interim_row (i k r : nat) : linear_row :=
    if may i k r && believes E i k
    then lie_row (map (fun theta => (weight E i theta, theta)) (cells E i k)) i k r (qmul (total E i k) (pay i k r)) else no_row.
  Definition ex_post_row (i : nat) (theta : profile) (r : nat) : linear_row :=
    let k := type_of theta i in if may i k r then lie_row [(1%Q, theta)] i k r (pay i k r) else no_row.
  Definition among (own : list linear_row) : list linear_row :=
    flat_map (fun i => flat_map (fun k => map (interim_row i k) (types E i)) (types E i)) (agents E) ++ own.
  Definition ex_post_among (own : list linear_row) : list linear_row :=
    flat_map (fun i => flat_map (fun theta => map (ex_post_row i theta) (types E i)) (Theta E)) (agents E) ++ own.

  Variable M : mechanism.
  Lemma worth_form c i theta r :
    (Σ x ∈ worth_q c i theta r, let '(y, a, th) := x in Q2R y * q M a th) +
    (Σ x ∈ worth_t c i theta r, let '(y, i, th) := x in Q2R y * t M i th) = Q2R c * payoff E M i theta r.
  Proof.
    unfold worth_q, worth_t, payoff. rewrite sum_map, Rmult_plus_distr_l, <- sum_times. simpl. rewrite Rplus_0_r. f_equal.
    apply sum_ext. intros a _. rewrite qmul_R. ring.
  Qed.
  Lemma lie_form l i k r s : form_of M (lie_row l i k r s) =
    Σ x ∈ l, Q2R (fst x) * (payoff E M i (snd x) k - payoff E M i (snd x) r).
  Proof.
    unfold form_of, lie_row. cbn [on_chances on_transfers]. rewrite !sum_flat_map, <- sum_plus. apply sum_ext. intros x _.
    rewrite !sum_app. pose proof (worth_form (fst x) i (snd x) k) as H1. pose proof (worth_form (Qopp (fst x)) i (snd x) r) as H2.
    rewrite Q2R_opp in H2. lra.
  Qed.
  Lemma no_row_holds : form_of M no_row >= Q2R (bound_below no_row).
  Proof. unfold form_of. simpl. rewrite Q2R_zero. lra. Qed.
  Lemma row_not_equality b x y : is_equality x = false -> is_equality y = false -> is_equality (if b : bool then x else y) = false.
  Proof. destruct b; auto. Qed.

  Lemma interim_row_spec i k r : In i (agents E) -> In k (types E i) ->
    form_of M (interim_row i k r) >= Q2R (bound_below (interim_row i k r)) <->
    (may i k r = true -> (0 < mass E i k)%Q -> interim E M i k k + pay i k r >= interim E M i k r).
  Proof.
    intros Hi Hk. unfold interim_row. destruct (may i k r); simpl andb; [|split; [discriminate|intros _; apply no_row_holds]].
    destruct (believes E i k) eqn:Hb.
    - apply believes_pos in Hb; auto. rewrite lie_form, sum_map. simpl fst. simpl snd. simpl bound_below.
      rewrite Q2R_opp, qmul_R, (Qeq_eqR _ _ (total_mass E i k Hi Hk)). pose proof (mass_R E i k Hb) as Hm.
      replace (Σ theta ∈ cells E i k, Q2R (weight E i theta) * (payoff E M i theta k - payoff E M i theta r))
        with (Q2R (mass E i k) * (interim E M i k k - interim E M i k r)).
      + split.
        * intros H _ _. assert (0 <= interim E M i k k - interim E M i k r + pay i k r); [|lra].
          apply (times_nonneg _ _ Hm). lra.
        * intros H. specialize (H eq_refl Hb).
          assert (0 <= Q2R (mass E i k) * (interim E M i k k - interim E M i k r + pay i k r)) by (apply Rmult_le_pos; lra). lra.
      + unfold interim. rewrite Rmult_minus_distr_l, !average, sum_minus; auto. apply sum_ext. intros th _. ring.
    - split; [|intros _; apply no_row_holds]. intros _ _ H. apply believes_pos in H; auto. congruence.
  Qed.
  Lemma ex_post_row_spec i theta r : form_of M (ex_post_row i theta r) >= Q2R (bound_below (ex_post_row i theta r)) <->
    (may i (type_of theta i) r = true ->
     payoff E M i theta (type_of theta i) + pay i (type_of theta i) r >= payoff E M i theta r).
  Proof.
    unfold ex_post_row. cbv zeta. destruct (may i (type_of theta i) r); [|split; [discriminate|intros _; apply no_row_holds]].
    rewrite lie_form. simpl. rewrite Q2R_opp, Q2R_one. split; [intros H _; lra|intros H; specialize (H eq_refl); lra].
  Qed.
  Lemma plain_row i k r : is_equality (interim_row i k r) = false.
  Proof. apply row_not_equality; reflexivity. Qed.
  Lemma plain_ex_post_row i theta r : is_equality (ex_post_row i theta r) = false.
  Proof. apply row_not_equality; reflexivity. Qed.

  Lemma among_spec own : linear_rows M (among own) <-> bayesian_IC_among E M may pay /\ linear_rows M own.
  Proof.
    unfold linear_rows, among. split.
    - intros H. split; [|intros x Hx; apply H, in_or_app; auto]. intros i k r Hi Hk Hr Hmay Hm.
      assert (G : In (interim_row i k r) (flat_map (fun i => flat_map (fun k => map (interim_row i k) (types E i)) (types E i)) (agents E) ++ own)).
      { apply in_or_app. left. apply in_flat_map. exists i. split; auto. apply in_flat_map. exists k. split; auto. apply in_map, Hr. }
      specialize (H _ G). rewrite plain_row in H. apply (interim_row_spec i k r Hi Hk) in H; auto.
    - intros [H1 H2] x Hx. apply in_app_or in Hx as [Hx|Hx]; [|apply H2, Hx].
      apply in_flat_map in Hx as (i & Hi & Hx). apply in_flat_map in Hx as (k & Hk & Hx). apply in_map_iff in Hx as (r & <- & Hr).
      rewrite plain_row. apply interim_row_spec; auto; intros A B; apply H1; auto.
  Qed.
  Lemma ex_post_among_spec own : linear_rows M (ex_post_among own) <-> ex_post_IC_among E M may pay /\ linear_rows M own.
  Proof.
    unfold linear_rows, ex_post_among. split.
    - intros H. split; [|intros x Hx; apply H, in_or_app; auto]. intros i theta r Hi Ht Hr Hmay.
      assert (G : In (ex_post_row i theta r) (flat_map (fun i => flat_map (fun theta => map (ex_post_row i theta) (types E i)) (Theta E)) (agents E) ++ own)).
      { apply in_or_app. left. apply in_flat_map. exists i. split; auto. apply in_flat_map. exists theta. split; auto. apply in_map, Hr. }
      specialize (H _ G). rewrite plain_ex_post_row in H. apply ex_post_row_spec in H; auto.
    - intros [H1 H2] x Hx. apply in_app_or in Hx as [Hx|Hx]; [|apply H2, Hx].
      apply in_flat_map in Hx as (i & Hi & Hx). apply in_flat_map in Hx as (th & Ht & Hx). apply in_map_iff in Hx as (r & <- & Hr).
      rewrite plain_ex_post_row. apply ex_post_row_spec; auto; intros A; apply H1; auto.
  Qed.
End Rows.

(** [asks M <-> satisfies E question M], where the lies' rows are the first of [own]. *)
Ltac same_among asks question spec :=
  intros M; cbv beta iota delta [asks satisfies question ic ir bb allocation low high own];
  pose proof transfers_free; pose proof no_rows; rewrite spec; intuition auto.
