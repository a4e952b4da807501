(** Payoffs that are known between two rational ends: what holds whatever they are.  Definitions, checker, soundness. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Rbasic_fun Lra Lia.
Require Import Mechlp.
Import ListNotations.
Open Scope R_scope.

(** * Definitions *)

(** Agent i's payoff from outcome a at theta is the number x i (numbers i a theta), of which the ends are listed; where the same
    number stands several times, it is the same. *)
Definition unknowns := nat -> nat -> R.
Definition between_ends (ends : list (list (Q * Q))) (x : unknowns) : Prop := forall i j, (j < length (nth i ends []))%nat ->
  Q2R (fst (nth j (nth i ends []) (0%Q, 0%Q))) <= x i j <= Q2R (snd (nth j (nth i ends []) (0%Q, 0%Q))).
Definition utility := nat -> nat -> profile -> R.
Definition numbered (x : unknowns) (numbers : nat -> nat -> profile -> nat) : utility := fun i a theta => x i (numbers i a theta).

(** The requirements of [Economics], with real utilities in the place of rational ones. *)
Section Definitions.
  Variables (E : environment) (v : utility) (M : mechanism).
  Definition payoff_at (i : nat) (theta : profile) (r : nat) : R :=
    (Σ a ∈ outcomes E, v i a theta * q M a (report theta i r)) + t M i (report theta i r).
  Definition interim_at (i k r : nat) : R := (Σ theta ∈ of_type E i k, weight E i theta * payoff_at i theta r) / mass E i k.
  Definition surplus_at (a : nat) (theta : profile) : R := Σ i ∈ agents E, v i a theta.
  Definition efficient_at : Prop := forall theta a b, In theta (Theta E) -> In a (outcomes E) -> In b (outcomes E) ->
    0 < q M a theta -> surplus_at b theta <= surplus_at a theta.
  Definition bayesian_IC_at : Prop := forall i k r, In i (agents E) -> In k (types E i) -> In r (types E i) ->
    (0 < mass E i k)%Q -> interim_at i k k >= interim_at i k r.
  Definition ex_post_IC_at : Prop := forall i theta r, In i (agents E) -> In theta (Theta E) -> In r (types E i) ->
    payoff_at i theta (type_of theta i) >= payoff_at i theta r.
  Definition interim_IR_at : Prop := forall i k, In i (agents E) -> In k (types E i) ->
    (0 < mass E i k)%Q -> interim_at i k k >= interim_outside E i k.
  Definition ex_post_IR_at : Prop := forall i theta, In i (agents E) -> In theta (Theta E) ->
    payoff_at i theta (type_of theta i) >= outside E i theta.
  Definition expected_surplus_at : R := Σ theta ∈ Theta E, Σ a ∈ outcomes E, prior E theta * (surplus_at a theta * q M a theta).
  Definition weighted_interim_at (w : nat -> nat -> Q) : R :=
    Σ i ∈ agents E, Σ k ∈ types E i, if Qle_bool (mass E i k) 0 then 0 else w i k * interim_at i k k.
End Definitions.

(** What is wanted, as [value] says it. *)
Fixpoint value_at (E : environment) (o : objective) (v : utility) (M : mechanism) : R :=
  match o with
  | Surplus => expected_surplus_at E v M
  | WeightedInterim w => weighted_interim_at E v M w
  | Less o => - value_at E o v M
  | o => value E o M
  end.

(** What is asked beside incentives. *)
Definition bare (D : design) : design :=
  {| ic := NoIC; ir := NoIR; bb := bb D; allocation := match allocation D with Efficient => Chosen | A => A end;
     low := low D; high := high D; own := own D |}.
Definition satisfies_at (E : environment) (D : design) (v : utility) (M : mechanism) : Prop :=
  satisfies E (bare D) M /\
  match allocation D with Efficient => efficient_at E v M | _ => True end /\
  match ic D with BayesianIC => bayesian_IC_at E v M | ExPostIC => ex_post_IC_at E v M | NoIC => True end /\
  match ir D with InterimIR => interim_IR_at E v M | InterimIRBinds => False | ExPostIR => ex_post_IR_at E v M | NoIR => True end.
Definition index (f : nat -> nat -> profile -> Q) (i a : nat) (theta : profile) : nat := Z.to_nat (Qnum (f i a theta)).
Definition from_below (ends : list (list (Q * Q))) (n : nat -> nat -> profile -> nat) (i a : nat) (theta : profile) : Q :=
  fst (nth (n i a theta) (nth i ends []) (0%Q, 0%Q)).
Definition from_above (ends : list (list (Q * Q))) (n : nat -> nat -> profile -> nat) (i a : nat) (theta : profile) : Q :=
  snd (nth (n i a theta) (nth i ends []) (0%Q, 0%Q)).

(** * The checker *)
Section Checker.
  Variables (E : environment) (ends : list (list (Q * Q))) (n : nat -> nat -> profile -> nat) (D : design).
  Definition numbers_fine : bool := forallb (fun i => forallb (fun a => forallb (fun theta =>
    (n i a theta <? length (nth i ends []))%nat) (Theta E)) (outcomes E)) (agents E).

  (** By how much outcome a is surely worth more than b: the same number cancels. *)
  Definition ahead (a b : nat) (theta : profile) : Q := qtotal (agents E) (fun i =>
    if (n i a theta =? n i b theta)%nat then 0%Q
    else qadd (from_below ends n i a theta) (Qopp (from_above ends n i b theta))).
  Definition unbeaten (a : nat) (theta : profile) : bool := forallb (fun b => Qle_bool (ahead b a theta) 0) (outcomes E).
  Definition unbeatable (a : nat) (theta : profile) : bool := forallb (fun b => Qle_bool 0 (ahead a b theta)) (outcomes E).
  Definition allowing (ok : nat -> profile -> bool) : design :=
    match allocation D with Efficient => with_allowed (bare D) ok | _ => bare D end.

  (** A combination of rows at most: payoffs with positive coefficients at their upper ends. *)
  Definition scatter_end (s : trie * Q) (x : atom) : trie * Q :=
    match x with
    | Pay c i theta r => (add (report theta i r)
        (map (fun a => qmul c (if Qle_bool 0 c then from_above ends n i a theta else from_below ends n i a theta)) (outcomes E))
        (unit i c) (fst s), snd s)
    | _ => scatter1 E x s
    end.
  Fixpoint knows_profiles (l : list atom) : bool := match l with
    | [] => true
    | Pay _ i theta r :: l' => is_agent E i && valid (sizes E) theta && valid (sizes E) (report theta i r) && knows_profiles l'
    | _ :: l' => knows_profiles l' end.
  Definition enclosed_upper (o : list atom) (c : certificate) : option Q :=
    let l := o ++ flat_map (fun yx => map (scale (fst yx)) (atoms E D (snd yx))) c in
    if forallb (sign_correct E D) c && (numbers_fine && knows_profiles l) then
      let '(T, b) := fold_left scatter_end l (empty, 0%Q) in
      match largest (leaf E (allowing unbeaten)) T with Some x => Some (qadd x b) | None => None end
    else None.
  Definition enclosed_refutes (c : certificate) : bool :=
    match enclosed_upper [] c with Some b => negb (Qle_bool 0 b) | None => false end.
  (** An objective: surplus is what agents are paid less their transfers. *)
  Fixpoint goal_at (o : objective) : list atom :=
    match o with
    | Surplus => flat_map (fun theta => flat_map (fun i =>
        [Pay (prior E theta) i theta (type_of theta i); Money (Qopp (prior E theta)) i theta]) (agents E)) (Theta E)
    | Less o => map (scale (-1)) (goal_at o)
    | o => goal E o
    end.
  (** An objective without payoffs. *)
  Fixpoint of_no_payoff (o : objective) : bool := match o with Revenue | Linear _ _ => true | Less o => of_no_payoff o | _ => false end.
  Definition enclosed_bounds (o : objective) (v : Q) (c : certificate) : bool :=
    match enclosed_upper (goal_at o) c with Some b => Qle_bool b v | None => false end.

  (** A mechanism: what a form is worth at least, unknown by unknown. *)
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).
  Definition collect (x : atom) (s : trie * Q) : trie * Q :=
    match x with
    | Pay c j theta r => let th := report theta j r in
        (fold_left (fun T a => add [j; n j a theta] [qmul c (fst m a th)] [] T) (outcomes E) (fst s),
         qadd (qmul c (snd m j th)) (snd s))
    | _ => (fst s, qadd (at_atom E m x) (snd s))
    end.
  Definition end_of (key : profile) (cq ct : list Q) : option Q :=
    match key, cq with
    | _, [] => Some 0%Q
    | [i; j], [c] => if (j <? length (nth i ends []))%nat then
        let (lo, hi) := nth j (nth i ends []) (0%Q, 0%Q) in Some (qmul c (if Qle_bool 0 c then hi else lo)) else None
    | _, _ => None
    end.
  Definition surely (l : list atom) : bool :=
    let '(T, b) := fold_left (fun s x => collect x s) (map (scale (-1)) l) (empty, 0%Q) in
    match largest end_of T with Some x => Qle_bool (qadd x b) 0 | None => false end.
  Definition surely_all : bool :=
    match ic D with
    | BayesianIC => forallb (fun i => forallb (fun k => forallb (fun r => surely (atoms E D (IC i k r))) (types E i))
        (filter (believes E i) (types E i))) (agents E)
    | ExPostIC => forallb (fun i => forallb (fun theta => forallb (fun r => surely (atoms E D (ICat i theta r))) (types E i))
        (Theta E)) (agents E)
    | NoIC => true
    end &&
    match ir D with
    | InterimIR => forallb (fun i => forallb (fun k => surely (atoms E D (IR i k))) (filter (believes E i) (types E i))) (agents E)
    | InterimIRBinds => false
    | ExPostIR => forallb (fun i => forallb (fun theta => surely (atoms E D (IRat i theta))) (Theta E)) (agents E)
    | NoIR => true
    end.
  Definition enclosed_passes : bool := numbers_fine && passes E (allowing unbeatable) m && surely_all.
  Definition enclosed_attains (o : objective) (v : Q) : bool :=
    enclosed_passes && of_no_payoff o && Qeq_bool (at_form E m (goal E o)) v.
  Definition enclosed_assures (o : objective) (v : Q) : bool := enclosed_passes && surely (Const (Qopp v) :: goal_at o).
End Checker.

(** * Soundness *)
Arguments Q2R : simpl never.

Section Soundness.
  Variables (E : environment) (ends : list (list (Q * Q))) (n : nat -> nat -> profile -> nat) (D : design).
  Variables (x : unknowns) (M : mechanism).
  Hypothesis HX : between_ends ends x.
  Hypothesis HN : numbers_fine E ends n = true.
  Let v := numbered x n.

  Definition evV (y : atom) : R := match y with Pay c i theta r => Q2R c * payoff_at E v M i theta r | _ => evA E M y end.

  Lemma number_known i a theta : In i (agents E) -> In a (outcomes E) -> In theta (Theta E) -> (n i a theta < length (nth i ends []))%nat.
  Proof.
    intros Hi Ha Ht. unfold numbers_fine in HN. rewrite forallb_forall in HN. specialize (HN i Hi). rewrite forallb_forall in HN.
    specialize (HN a Ha). rewrite forallb_forall in HN. specialize (HN theta Ht). apply Nat.ltb_lt in HN. exact HN.
  Qed.
  Lemma v_ends i a theta : In i (agents E) -> In a (outcomes E) -> In theta (Theta E) ->
    Q2R (from_below ends n i a theta) <= v i a theta <= Q2R (from_above ends n i a theta).
  Proof. intros Hi Ha Ht. apply (HX i (n i a theta)), number_known; auto. Qed.
  Lemma ahead_sound a b theta : In a (outcomes E) -> In b (outcomes E) -> In theta (Theta E) ->
    Q2R (ahead E ends n a b theta) <= surplus_at E v a theta - surplus_at E v b theta.
  Proof.
    intros Ha Hb Ht. unfold ahead, surplus_at. rewrite qtotal_R, sum_minus. apply sum_le. intros i Hi.
    pose proof (v_ends i a theta Hi Ha Ht). pose proof (v_ends i b theta Hi Hb Ht).
    destruct (Nat.eqb_spec (n i a theta) (n i b theta)) as [e|e].
    - unfold v, numbered. rewrite e, Q2R_zero. lra.
    - rewrite qadd_R, Q2R_opp. lra.
  Qed.

  (** ** Combinations *)
  Lemma scaled_V y l : sum (map (scale y) l) evV = Q2R y * sum l evV.
  Proof. rewrite sum_map, <- sum_times. apply sum_ext. intros [] _; simpl; rewrite qmul_R; ring. Qed.
  Lemma rows_V i l k r : (sum (flat_map (fun theta => let c := weight E i theta in
      if Qeq_bool c 0 then [] else [Pay c i theta k; Pay (Qopp c) i theta r]) l) evV) =
    Σ th ∈ l, Q2R (weight E i th) * (payoff_at E v M i th k - payoff_at E v M i th r).
  Proof.
    rewrite sum_flat_map. apply sum_ext. intros th _. cbv zeta. destruct (Qeq_bool (weight E i th) 0) eqn:H; simpl.
    - apply eq_R in H. rewrite H, Q2R_zero. ring.
    - rewrite Q2R_opp. ring.
  Qed.
  Lemma parts_V i l k : (sum (flat_map (fun theta => let c := weight E i theta in
      if Qeq_bool c 0 then [] else [Pay c i theta k; Const (qmul (Qopp c) (outside E i theta))]) l) evV) =
    Σ th ∈ l, Q2R (weight E i th) * (payoff_at E v M i th k - Q2R (outside E i th)).
  Proof.
    rewrite sum_flat_map. apply sum_ext. intros th _. cbv zeta. destruct (Qeq_bool (weight E i th) 0) eqn:H; simpl.
    - apply eq_R in H. rewrite H, Q2R_zero. ring.
    - rewrite qmul_R, Q2R_opp. ring.
  Qed.
  Lemma ic_V i k r : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    sum (atoms E D (IC i k r)) evV = Q2R (mass E i k) * (interim_at E v M i k k - interim_at E v M i k r).
  Proof.
    intros Hi Hk Hm. simpl atoms. rewrite rows_V. unfold interim_at. rewrite Rmult_minus_distr_l, !average, sum_minus; auto.
    apply sum_ext. intros th _. ring.
  Qed.
  Lemma ir_V i k : In i (agents E) -> In k (types E i) -> (0 < mass E i k)%Q ->
    sum (atoms E D (IR i k)) evV = Q2R (mass E i k) * (interim_at E v M i k k - interim_outside E i k).
  Proof.
    intros Hi Hk Hm. simpl atoms. rewrite parts_V. unfold interim_at, interim_outside.
    rewrite Rmult_minus_distr_l, !average, sum_minus; auto. apply sum_ext. intros th _. ring.
  Qed.
  Lemma icat_V i theta r : sum (atoms E D (ICat i theta r)) evV = payoff_at E v M i theta (type_of theta i) - payoff_at E v M i theta r.
  Proof. simpl. rewrite Q2R_one, Q2R_minus1. ring. Qed.
  Lemma irat_V i theta : sum (atoms E D (IRat i theta)) evV = payoff_at E v M i theta (type_of theta i) - Q2R (outside E i theta).
  Proof. simpl. rewrite Q2R_one, Q2R_opp. ring. Qed.
  Lemma money_V l : (forall y, In y l -> match y with Pay _ _ _ _ => False | _ => True end) -> sum l evV = sum l (evA E M).
  Proof. intros H. apply sum_ext. intros y Hy. specialize (H y Hy). destruct y; [contradiction|reflexivity..]. Qed.

  Lemma row_V y r : satisfies_at E D v M -> sign_correct E D (y, r) = true -> 0 <= Q2R y * sum (atoms E D r) evV.
  Proof.
    intros (HB & _ & Hic & Hir) H. unfold sign_correct in H. cbn [fst snd] in H. apply andb_true_iff in H as [Ha H].
    assert (Y : equality D r = false -> 0 <= Q2R y).
    { intros e. rewrite e in H. simpl in H. apply le_R in H. rewrite Q2R_zero in H. exact H. }
    assert (P : (forall z, In z (atoms E D r) -> match z with Pay _ _ _ _ => False | _ => True end) ->
      asked E (bare D) r = true -> atoms E D r = atoms E (bare D) r -> equality (bare D) r = equality D r ->
      0 <= Q2R y * sum (atoms E D r) evV).
    { intros H1 H2 H3 H4. rewrite money_V by exact H1. rewrite H3. change (sum (atoms E (bare D) r) (evA E M)) with (evL E M (atoms E (bare D) r)).
      rewrite (atoms_slack E (bare D) M r H2). pose proof (slack_holds E (bare D) M r HB H2) as S. rewrite H4 in S.
      destruct (equality D r); [rewrite S; lra|]. apply Rmult_le_pos; auto. }
    destruct r.
    - pose proof (asked_ic E D i k r Ha) as (H0 & Hi & Hk & Hr & Hm). rewrite H0 in Hic. rewrite ic_V by auto.
      assert (e : equality D (IC i k r) = false) by (unfold equality; destruct (ir D), (bb D); reflexivity).
      apply Rmult_le_pos; [apply Y, e|]. specialize (Hic i k r Hi Hk Hr Hm). apply Rmult_le_pos; [apply Rlt_le, mass_R, Hm|lra].
    - simpl in Ha. destruct (ic D); try discriminate. rewrite !andb_true_iff in Ha. destruct Ha as [[H1 H2] H3].
      apply is_agent_in in H1. apply valid_grid in H2. apply is_type_in in H3. rewrite icat_V.
      assert (e : equality D (ICat i theta r) = false) by (unfold equality; destruct (ir D), (bb D); reflexivity).
      apply Rmult_le_pos; [apply Y, e|]. specialize (Hic i theta r H1 H2 H3). lra.
    - pose proof (asked_ir E D i k Ha) as (H0 & Hi & Hk & Hm). destruct H0 as [H0|H0]; rewrite H0 in Hir; [|contradiction].
      rewrite ir_V by auto. assert (e : equality D (IR i k) = false) by (unfold equality; rewrite H0; destruct (bb D); reflexivity).
      apply Rmult_le_pos; [apply Y, e|]. specialize (Hir i k Hi Hk Hm). apply Rmult_le_pos; [apply Rlt_le, mass_R, Hm|lra].
    - assert (e : equality D (IRat i theta) = false) by (unfold equality; destruct (ir D), (bb D); reflexivity).
      simpl in Ha. assert (Ha' : ir D = ExPostIR /\ is_agent E i && valid (sizes E) theta = true) by (destruct (ic D), (ir D); try discriminate; auto).
      destruct Ha' as [H0 H1]. rewrite H0 in Hir. apply andb_true_iff in H1 as [H1 H2]. apply is_agent_in in H1. apply valid_grid in H2.
      rewrite irat_V. apply Rmult_le_pos; [apply Y, e|]. specialize (Hir i theta H1 H2). lra.
    - apply P; try reflexivity.
      + intros z Hz. simpl in Hz. unfold money_out in Hz. apply in_flat_map in Hz as (th & _ & Hz). apply in_map_iff in Hz as (i & <- & _). exact I.
      + simpl in *. destruct (ic D), (ir D), (bb D); try discriminate; reflexivity.
    - apply P; try reflexivity.
      + intros z Hz. simpl in Hz. apply in_map_iff in Hz as (i & <- & _). exact I.
      + simpl in *. destruct (ic D), (ir D), (bb D); try discriminate; exact Ha.
    - apply P; try reflexivity.
      + intros z Hz. simpl in Hz. unfold own_atoms in Hz. destruct Hz as [<-|Hz]; [exact I|]. apply in_app_or in Hz as [Hz|Hz];
        apply in_map_iff in Hz as ([[y0 a0] th0] & <- & _); exact I.
      + simpl in *. destruct (ic D), (ir D), (bb D); exact Ha.
  Qed.

  Lemma scatter_ends l : lotteries E M -> knows_profiles E l = true -> forall s,
    evS M s + sum l evV <= evS M (fold_left (scatter_end E ends n) l s).
  Proof.
    intros HL. induction l as [|y l IH]; intros HK s; simpl; [lra|].
    assert (K : knows_profiles E l = true) by (destruct y; simpl in HK; [apply andb_true_iff in HK; tauto|exact HK..]).
    eapply Rle_trans; [|apply IH, K]. enough (evS M s + evV y <= evS M (scatter_end E ends n s y)) by lra.
    destruct y as [c i th r|c i th|c a th|c]; [|apply Req_le; symmetry; apply scatter1_sound..].
    simpl in HK. rewrite !andb_true_iff in HK. destruct HK as [[[Hi Ht] Ht'] _]. apply is_agent_in in Hi.
    apply valid_grid in Ht, Ht'. destruct s as [T b]. unfold scatter_end, evS. cbn [fst snd]. rewrite evT_add, dot_unit.
    unfold outcomes. rewrite dot_seq. fold (outcomes E). change (0 + i)%nat with i. simpl evV. unfold payoff_at. rewrite Rmult_plus_distr_l, <- sum_times.
    enough ((Σ a ∈ outcomes E, Q2R c * (v i a th * q M a (report th i r))) <= Σ a ∈ outcomes E,
      Q2R (qmul c (if Qle_bool 0 c then from_above ends n i a th else from_below ends n i a th)) * q M a (report th i r)) by lra.
    apply sum_le. intros a Ha. rewrite qmul_R. destruct (HL _ Ht') as [Hq _]. specialize (Hq a Ha).
    rewrite <- Rmult_assoc. apply Rmult_le_compat_r; [exact Hq|]. destruct (v_ends i a th Hi Ha Ht) as [V1 V2].
    destruct (Qle_bool 0 c) eqn:Hc.
    - apply le_R in Hc. rewrite Q2R_zero in Hc. apply Rmult_le_compat_l; auto.
    - apply nle_R in Hc. rewrite Q2R_zero in Hc. apply Rmult_le_compat_neg_l; [lra|exact V1].
  Qed.

  Lemma unbeaten_satisfies : satisfies_at E D v M -> satisfies E (allowing D (unbeaten E ends n)) M.
  Proof.
    intros (HB & He & _). unfold allowing. destruct (allocation D); try exact HB.
    destruct HB as (H1 & _ & H2). refine (conj H1 (conj _ H2)). intros theta a Ht Ha Hp. unfold unbeaten.
    rewrite forallb_forall. intros b Hb. specialize (He theta a b Ht Ha Hb Hp). pose proof (ahead_sound b a theta Hb Ha Ht) as G.
    apply Qle_bool_iff, Rle_Qle. rewrite Q2R_zero. lra.
  Qed.

  Lemma enclosed_upper_sound o c b : satisfies_at E D v M -> enclosed_upper E ends n D o c = Some b ->
    sum o evV <= Q2R b.
  Proof.
    intros HM. unfold enclosed_upper. set (l := o ++ _). destruct (forallb (sign_correct E D) c) eqn:Hs; [|discriminate].
    destruct (numbers_fine E ends n && knows_profiles E l) eqn:Hk; [|discriminate]. apply andb_true_iff in Hk as [_ Hk]. simpl andb.
    pose proof (proj1 (proj1 HM)) as HL. pose proof (scatter_ends l HL Hk (empty, 0%Q)) as S.
    destruct (fold_left _ l _) as [T b0]. destruct (largest _ T) as [y|] eqn:Hy; [|discriminate].
    intros H. injection H as <-. rewrite qadd_R.
    apply (largest_sound T _ (fun th a => q M a th) (fun th i => t M i th)) in Hy.
    2: { intros th cq ct z Hz. apply (leaf_sound E _ M th cq ct z (unbeaten_satisfies HM) Hz). }
    unfold evS in S. cbn [fst snd] in S. rewrite evT_empty, Q2R_zero in S. unfold l in S. rewrite sum_app, sum_flat_map in S.
    assert (P : 0 <= Σ yx ∈ c, sum (map (scale (fst yx)) (atoms E D (snd yx))) evV).
    { clear S l Hk. induction c as [|[y0 r] c IH]; simpl in *; [lra|]. apply andb_true_iff in Hs as [H1 H2].
      rewrite scaled_V. pose proof (row_V y0 r HM H1). specialize (IH H2). lra. }
    lra.
  Qed.
  Lemma no_payoff_at o : of_no_payoff o = true -> value_at E o v M = value E o M.
  Proof. induction o; simpl; intros H; try discriminate; try reflexivity. rewrite IHo; auto. Qed.
  Lemma goal_V o : sum (goal_at E o) evV = value_at E o v M.
  Proof.
    induction o; simpl goal_at; simpl value_at.
    - rewrite money_V; [apply (goal_value E M Revenue)|]. intros y Hy. simpl in Hy. unfold money_out in Hy.
      apply in_flat_map in Hy as (th & _ & Hy). apply in_map_iff in Hy as (i & <- & _). exact I.
    - rewrite sum_flat_map. unfold expected_surplus_at. apply sum_ext. intros th Hth. rewrite sum_flat_map.
      transitivity (Σ i ∈ agents E, Σ a ∈ outcomes E, Q2R (prior E th) * (v i a th * q M a th)).
      + apply sum_ext. intros i Hi. simpl. unfold payoff_at. rewrite sum_times, Q2R_opp.
        replace (report th i (type_of th i)) with th; [ring|]. clear. unfold type_of. revert i.
        induction th as [|k th IH]; intros [|i]; simpl; auto. f_equal. apply IH.
      + unfold surplus_at. generalize (agents E). induction l as [|i l IH]; simpl.
        * rewrite (sum_ext _ _ (fun _ => 0 * 0)); [rewrite sum_times; lra|intros; ring].
        * rewrite IH, <- sum_plus. apply sum_ext. intros a _. ring.
    - rewrite money_V; [apply (goal_value E M (Linear on_q on_t))|]. intros y Hy. simpl in Hy.
      apply in_flat_map in Hy as (th & _ & Hy). apply in_app_or in Hy as [Hy|Hy]; apply in_map_iff in Hy as (i & <- & _); exact I.
    - simpl. rewrite sum_flat_map. unfold weighted_interim_at. apply sum_ext. intros i Hi. rewrite sum_flat_map. apply sum_ext.
      intros k Hk. pose proof (total_mass E i k Hi Hk) as HT.
      assert (e : Qle_bool (total E i k) 0 = Qle_bool (mass E i k) 0) by (rewrite HT; reflexivity).
      rewrite e. destruct (Qle_bool (mass E i k) 0) eqn:Hm; [reflexivity|].
      assert (Hp : (0 < mass E i k)%Q) by (apply Qnot_le_lt; intros H'; apply Qle_bool_iff in H'; congruence).
      rewrite sum_map. simpl. unfold interim_at.
      rewrite (sum_ext _ _ (fun th => Q2R (Qred (w i k / total E i k)) * (Q2R (weight E i th) * payoff_at E v M i th k)))
        by (intros th _; rewrite qmul_R; ring).
      rewrite sum_times, <- (average E i k (fun th => payoff_at E v M i th k) Hi Hk Hp), (Qeq_eqR _ _ (Qred_correct _)).
      unfold Qdiv. rewrite Q2R_mult, Q2R_inv by (rewrite HT; intros Z; rewrite Z in Hp; discriminate).
      rewrite (Qeq_eqR _ _ HT). field. pose proof (mass_R E i k Hp). lra.
    - rewrite scaled_V, IHo, Q2R_minus1. ring.
  Qed.
End Soundness.

Section Mechanisms.
  Variables (E : environment) (ends : list (list (Q * Q))) (n : nat -> nat -> profile -> nat) (D : design) (x : unknowns).
  Variable m : (nat -> profile -> Q) * (nat -> profile -> Q).
  Hypothesis HX : between_ends ends x.
  Hypothesis HN : numbers_fine E ends n = true.
  Let v := numbered x n.
  Let M := of_tables m.
  Definition fx (key : profile) (c : nat) : R := match key with [i; j] => x i j | _ => 0 end.
  Definition evC (s : trie * Q) : R := evT fx (fun _ _ => 0) (fst s) + Q2R (snd s).

  Lemma collect_sound y s : evC (collect E n m y s) = evC s + evV E n x M y.
  Proof.
    destruct s as [T b]. destruct y as [c i th r|c i th|c a th|c];
      [|unfold evC, collect; cbn [fst snd]; rewrite qadd_R, at_atom_R; unfold evV; fold M; ring..].
    unfold evC, collect. cbn [fst snd].
    assert (A : forall l T, evT fx (fun _ _ => 0) (fold_left (fun T a => add [i; n i a th] [qmul c (fst m a (report th i r))] [] T) l T) =
      evT fx (fun _ _ => 0) T + Σ a ∈ l, Q2R c * (x i (n i a th) * Q2R (fst m a (report th i r)))).
    { induction l as [|a l IH]; intros T0; cbn [fold_left sum]; [lra|]. rewrite IH, evT_add. cbn [dot fx]. rewrite qmul_R. ring. }
    rewrite A, qadd_R, qmul_R. simpl evV. unfold payoff_at, numbered. simpl. rewrite Rmult_plus_distr_l, <- sum_times. ring.
  Qed.
  Lemma end_of_sound key cq ct y : end_of ends key cq ct = Some y -> dot cq (fx key) 0 + dot ct (fun _ => 0) 0 <= Q2R y.
  Proof.
    assert (Z : forall k, dot ct (fun _ => 0) k = 0) by (induction ct as [|c l IH]; intros k; simpl; [reflexivity|rewrite IH; ring]).
    rewrite Z. unfold end_of. destruct cq as [|c [|c' cq]].
    - destruct key as [|i [|j [|? ?]]]; intros H; inversion H; simpl; rewrite Q2R_zero; lra.
    - destruct key as [|i [|j [|? ?]]]; try discriminate. destruct (Nat.ltb_spec j (length (nth i ends []))) as [Hj|]; [|discriminate].
      pose proof (HX i j Hj) as [H1 H2]. destruct (nth j (nth i ends []) (0%Q, 0%Q)) as [lo hi]. cbn [fst snd] in H1, H2.
      intros H. inversion H. rewrite qmul_R. simpl. destruct (Qle_bool 0 c) eqn:Hc.
      + apply le_R in Hc. rewrite Q2R_zero in Hc. pose proof (Rmult_le_compat_l _ _ _ Hc H2). lra.
      + apply nle_R in Hc. rewrite Q2R_zero in Hc. assert (c <= 0) as Hc' by lra. pose proof (Rmult_le_compat_neg_l _ _ _ Hc' H1). lra.
    - destruct key as [|i [|j [|? ?]]]; discriminate.
  Qed.
  Lemma surely_sound l : surely E ends n m l = true -> 0 <= sum l (evV E n x M).
  Proof.
    unfold surely. intros H.
    assert (S : forall l s, evC (fold_left (fun s x => collect E n m x s) l s) = evC s + sum l (evV E n x M)).
    { induction l0 as [|y l0 IH]; intros s; simpl in *; [lra|]. rewrite IH, collect_sound. lra. }
    specialize (S (map (scale (-1)) l) (empty, 0%Q)). rewrite scaled_V, Q2R_minus1 in S. destruct (fold_left _ _ _) as [T b].
    destruct (largest (end_of ends) T) as [y|] eqn:Hy; [|discriminate].
    apply (largest_sound T _ fx (fun _ _ => 0)) in Hy; [|intros; apply end_of_sound; assumption].
    apply le_R in H. rewrite qadd_R, Q2R_zero in H. unfold evC in S. cbn [fst snd] in S. rewrite evT_empty, Q2R_zero in S. lra.
  Qed.
End Mechanisms.

Theorem enclosed_passes_sound E ends n D m : enclosed_passes E ends n D m = true ->
  forall x, between_ends ends x -> satisfies_at E D (numbered x n) (of_tables m).
Proof.
  unfold enclosed_passes. rewrite !andb_true_iff. intros [[HN HP] HS] x HX. apply passes_sound in HP.
  assert (U : forall l, surely E ends n m l = true -> 0 <= sum l (evV E n x (of_tables m)))
    by (intros l; apply (surely_sound E ends n x m HX)).
  unfold surely_all in HS. apply andb_true_iff in HS as [H1 H2]. refine (conj _ (conj _ (conj _ _))).
  - unfold allowing, bare in *. destruct (allocation D); try exact HP. destruct HP as (P1 & _ & P2). exact (conj P1 (conj I P2)).
  - unfold allowing in HP. destruct (allocation D); try exact I. destruct HP as (_ & P & _). simpl in P.
    intros theta a b Ht Ha Hb Hp. specialize (P theta a Ht Ha Hp). unfold unbeatable in P. rewrite forallb_forall in P.
    specialize (P b Hb). apply le_R in P. rewrite Q2R_zero in P.
    pose proof (ahead_sound E ends n x HX HN a b theta Ha Hb Ht). lra.
  - destruct (ic D); [| |exact I].
    + intros i k r Hi Hk Hr Hm. rewrite forallb_forall in H1. specialize (H1 i Hi). rewrite forallb_forall in H1.
      specialize (H1 k ltac:(apply filter_In; split; auto; apply believes_pos; auto)). rewrite forallb_forall in H1.
      specialize (H1 r Hr). apply U in H1. rewrite ic_V in H1 by auto. apply (times_nonneg _ _ (mass_R E i k Hm)) in H1. lra.
    + intros i theta r Hi Ht Hr. rewrite forallb_forall in H1. specialize (H1 i Hi). rewrite forallb_forall in H1.
      specialize (H1 theta Ht). rewrite forallb_forall in H1. specialize (H1 r Hr). apply U in H1. rewrite icat_V in H1. lra.
  - destruct (ir D); [|discriminate| |exact I].
    + intros i k Hi Hk Hm. rewrite forallb_forall in H2. specialize (H2 i Hi). rewrite forallb_forall in H2.
      specialize (H2 k ltac:(apply filter_In; split; auto; apply believes_pos; auto)). apply U in H2. rewrite ir_V in H2 by auto.
      apply (times_nonneg _ _ (mass_R E i k Hm)) in H2. lra.
    + intros i theta Hi Ht. rewrite forallb_forall in H2. specialize (H2 i Hi). rewrite forallb_forall in H2.
      specialize (H2 theta Ht). apply U in H2. rewrite irat_V in H2. lra.
Qed.

(** ** For the files of answers *)
Section Answers.
  Variables (E : environment) (ends : list (list (Q * Q))) (n : nat -> nat -> profile -> nat) (D : design).
  Variables (asks : unknowns -> mechanism -> Prop).
  Hypothesis same : forall x M, asks x M <-> satisfies_at E D (numbered x n) M.

  Lemma none_whatever c : enclosed_refutes E ends n D c = true ->
    forall x, between_ends ends x -> ~ exists M, asks x M.
  Proof.
    unfold enclosed_refutes. intros H x HX [M HM]. destruct (enclosed_upper E ends n D [] c) as [b|] eqn:Hb; [|discriminate].
    assert (HN : numbers_fine E ends n = true).
    { unfold enclosed_upper in Hb. destruct (numbers_fine E ends n); auto. rewrite andb_false_r in Hb. discriminate. }
    apply same in HM. apply (enclosed_upper_sound E ends n D x M HX HN [] c b HM) in Hb.
    apply negb_true_iff, nle_R in H. rewrite Q2R_zero in H. simpl in Hb. lra.
  Qed.
  Lemma one_whatever m : enclosed_passes E ends n D m = true -> exists M, forall x, between_ends ends x -> asks x M.
  Proof. intros H. exists (of_tables m). intros x HX. apply same, (enclosed_passes_sound E ends n D m H x HX). Qed.
End Answers.

Section Values.
  Variables (E : environment) (ends : list (list (Q * Q))) (n : nat -> nat -> profile -> nat) (D : design) (o : objective).
  Variables (asks : unknowns -> mechanism -> Prop) (worth_at : unknowns -> mechanism -> R) (worth : mechanism -> R).
  Hypothesis same : forall x M, asks x M <-> satisfies_at E D (numbered x n) M.

  Lemma whatever_bound v c : enclosed_bounds E ends n D o v c = true ->
    forall x, between_ends ends x -> forall M, asks x M -> value_at E o (numbered x n) M <= Q2R v.
  Proof.
    unfold enclosed_bounds. intros H x HX M HM.
    destruct (enclosed_upper E ends n D (goal_at E o) c) as [b|] eqn:Hb; [|discriminate].
    assert (HN : numbers_fine E ends n = true).
    { unfold enclosed_upper in Hb. destruct (numbers_fine E ends n); auto. rewrite andb_false_r in Hb. discriminate. }
    apply same in HM. apply (enclosed_upper_sound E ends n D x M HX HN _ c b HM) in Hb.
    rewrite (goal_V E n x M o) in Hb. apply le_R in H. lra.
  Qed.
  Lemma whatever_least v m : enclosed_assures E ends n D m o v = true ->
    exists M, forall x, between_ends ends x -> asks x M /\ Q2R v <= value_at E o (numbered x n) M.
  Proof.
    intros H. unfold enclosed_assures in H. apply andb_true_iff in H as [H1 H2]. exists (of_tables m). intros x HX. split.
    - apply same, (enclosed_passes_sound E ends n D m H1 x HX).
    - apply (surely_sound E ends n x m HX) in H2. simpl in H2. rewrite goal_V, Q2R_opp in H2. lra.
  Qed.

  (** An objective in which payoffs stand. *)
  Lemma assured v m y : (forall x M, value_at E o (numbered x n) M = worth_at x M) -> Q2R v = y -> enclosed_assures E ends n D m o v = true ->
    exists M, forall x, between_ends ends x -> asks x M /\ y <= worth_at x M.
  Proof.
    intros Hw Hv H. destruct (whatever_least v m H) as (M & HM). exists M. intros x HX. rewrite <- Hw, <- Hv. apply HM, HX.
  Qed.
  Lemma never_more v c y : (forall x M, value_at E o (numbered x n) M = worth_at x M) -> Q2R v = y -> enclosed_bounds E ends n D o v c = true ->
    forall x, between_ends ends x -> forall M, asks x M -> worth_at x M <= y.
  Proof. intros Hw Hv H x HX M HM. rewrite <- Hw, <- Hv. apply (whatever_bound v c H x HX M HM). Qed.

  (** An objective without payoffs. *)
  Lemma whatever_reached v m y : (forall M, value E o M = worth M) -> Q2R v = y -> enclosed_attains E ends n D m o v = true ->
    exists M, (forall x, between_ends ends x -> asks x M) /\ worth M = y.
  Proof.
    intros Hw Hv H. unfold enclosed_attains in H. rewrite !andb_true_iff in H. destruct H as [[H1 _] H2].
    exists (of_tables m). split.
    - intros x HX. apply same, (enclosed_passes_sound E ends n D m H1 x HX).
    - rewrite <- Hw, <- goal_value, <- at_form_R, <- Hv. apply eq_R, H2.
  Qed.
  Lemma whatever_at_most v c y : (forall M, value E o M = worth M) -> Q2R v = y -> of_no_payoff o && enclosed_bounds E ends n D o v c = true ->
    forall x, between_ends ends x -> forall M, asks x M -> worth M <= y.
  Proof.
    intros Hw Hv H x HX M HM. apply andb_true_iff in H as [Ho H]. rewrite <- Hw, <- Hv, <- (no_payoff_at E n x M o Ho).
    apply (whatever_bound v c H x HX M HM).
  Qed.
  Lemma whatever_at_least v c y : (forall M, value E o M = - worth M) -> Q2R v = - y -> of_no_payoff o && enclosed_bounds E ends n D o v c = true ->
    forall x, between_ends ends x -> forall M, asks x M -> y <= worth M.
  Proof.
    intros Hw Hv H x HX M HM. apply andb_true_iff in H as [Ho H]. pose proof (whatever_bound v c H x HX M HM) as G.
    rewrite (no_payoff_at E n x M o Ho), Hw, Hv in G. lra.
  Qed.
End Values.

(** [asks x M <-> satisfies_at E question (numbered x numbers) M]. *)
Ltac same_whatever asks question :=
  intros x M; cbv beta iota delta [asks satisfies_at satisfies bare question ic ir bb allocation low high own];
  pose proof transfers_free; pose proof no_rows; intuition auto.
