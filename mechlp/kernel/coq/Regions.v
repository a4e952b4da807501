(** Theorems for every point of a polygon of parameters (a segment, a point): what is asked holds between corners where it holds at
    each with the same lotteries; what multipliers imply lies between what they imply there. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
From Coq Require Lqa.
Require Import Mechlp.
Require Export Polygons.
Import ListNotations.
Open Scope R_scope.

(** * The checker *)
Section Checker.
  Variables (E : environment) (L : list slopes) (D : design).
  Variables (corners : list point) (strict : list point).
  Definition worth_at (p : point) (a : nat) (theta : profile) : Q := worth (placed E L p) a theta.
  (** Another outcome is better wherever the strict lines are positive: at no corner worse, and better where one of them is. *)
  Definition beaten (a : nat) (theta : profile) : bool := existsb (fun b => existsb (fun l => forallb (fun p =>
    let x := worth_at p a theta in let y := worth_at p b theta in
    Qle_bool x y && (negb (Qle_bool y x) || Qle_bool (line_at l p) 0)) corners) ([1%Q] :: strict)) (outcomes E).
  (** What is left of the design at a corner: lotteries over what may be used, and limits. *)
  Definition relaxed : design :=
    {| ic := NoIC; ir := NoIR; bb := NoBB;
       allocation := match allocation D with Efficient => Within (fun a theta => negb (beaten a theta)) | rule => rule end;
       low := low D; high := high D; own := [] |}.
  Definition goal_at (E : environment) (o : option objective) : list atom := match o with Some o => goal E o | None => [] end.
  Definition corner_bound (E : environment) (o : option objective) (c : certificate) : option Q :=
    let (T, b) := combine E D (goal_at E o) c in
    match largest (leaf E relaxed) T with Some x => Some (qadd x b) | None => None end.
  (** What multipliers imply is at most [line] at each corner. *)
  Definition under_line (o : option objective) (line : point) (c : certificate) : bool :=
    corners_fine corners && (length L <=? 2)%nat && forallb (fun l => (length l <=? 3)%nat) (line :: strict) &&
    forallb (sign_correct E D) c && forallb (fun p =>
      match corner_bound (placed E L p) o c with Some b => Qle_bool b (line_at line p) | None => false end) corners.

  (** One lottery rule, and the transfers at each corner. *)
  Variables (chances : nat -> profile -> Q) (paid : list (point * (nat -> profile -> Q))).
  Definition served : bool := corners_fine (map fst paid) && (length L <=? 2)%nat &&
    forallb (fun x => passes (placed E L (fst x)) D (chances, snd x)) paid.
  Definition worth_line (o : objective) (line : point) : bool := served && (length line <=? 3)%nat && forallb (fun x =>
    let e := placed E L (fst x) in Qeq_bool (at_form e (chances, snd x) (goal e o)) (line_at line (fst x))) paid.
End Checker.

(** * Soundness *)
Arguments Q2R : simpl never.

Lemma some_share {X} (C : list (R * X)) f g h : (forall c, In c C -> 0 <= fst c) ->
  (forall x, In x (map snd C) -> f x <= g x /\ (f x < g x \/ h x <= 0)) -> 0 < mix C h -> mix C f < mix C g.
Proof.
  intros P H. assert (mix C f <= mix C g /\ (mix C f < mix C g \/ mix C h <= 0)); [|tauto || (intros; destruct H0 as [_ [|]]; lra)].
  unfold mix in *. induction C as [|[s x] C IH]; simpl in *; [lra|].
  destruct (IH (fun c Hc => P c (or_intror Hc)) (fun y Hy => H y (or_intror Hy))) as [I1 I2].
  specialize (P (s, x) (or_introl eq_refl)). simpl in P. destruct (H x (or_introl eq_refl)) as [H1 H2].
  pose proof (Rmult_le_compat_l _ _ _ P H1). split; [lra|]. destruct (Req_dec s 0) as [->|N]; [destruct I2; [left|right]; lra|].
  assert (0 < s) by lra. destruct H2 as [H2|H2].
  - left. pose proof (Rmult_lt_compat_l _ _ _ H3 H2). lra.
  - destruct I2 as [I2|I2]; [left; lra|right]. assert (s * h x <= s * 0) by (apply Rmult_le_compat_l; lra). lra.
Qed.

Section Below.
  Variables (E : environment) (L : list slopes) (D : design) (corners strict : list point) (p : point) (M : mechanism).
  Variable C : list (R * point).
  Hypothesis HC : shares (fun x => x) C p.
  Hypothesis Hcorners : map snd C = corners.
  Hypothesis HL : (length L <= 2)%nat.
  Hypothesis Hlines : forall l, In l strict -> (length l <= 3)%nat.
  Hypothesis Hstrict : all_positive strict p.
  Hypothesis HM : satisfies (placed E L p) D M.
  Let e := placed E L.

  Lemma worth_at_R c a theta : Q2R (worth_at E L c a theta) = Q2R (surplus (e c) a theta).
  Proof. apply Qeq_eqR, qtotal_eq. Qed.
  Lemma positive_line l : In l strict -> 0 < Q2R (line_at l p).
  Proof.
    clear Hlines. induction strict as [|l' ls IH]; intros H; [destruct H|]. destruct Hstrict as [H1 H2].
    destruct H as [<-|H]; [|apply IH; auto]. apply Qlt_Rlt in H1. rewrite Q2R_zero in H1. exact H1.
  Qed.
  Lemma beaten_sound a theta : beaten E L corners strict a theta = true ->
    exists b, In b (outcomes E) /\ Q2R (surplus (e p) a theta) < Q2R (surplus (e p) b theta).
  Proof.
    unfold beaten. intros H. apply existsb_exists in H as (b & Hb & H). exists b. split; auto.
    apply existsb_exists in H as (l & Hl & H). rewrite forallb_forall in H.
    assert (P : (length l <= 3)%nat /\ 0 < Q2R (line_at l p)).
    { destruct Hl as [<-|Hl]; [simpl; split; [lia|rewrite Q2R_plus, Q2R_one, Q2R_zero; lra]|]. split; [auto|apply positive_line, Hl]. }
    destruct P as [P1 P2]. unfold e. rewrite !(surplus_mix (fun x => x) C p HC E L HL).
    rewrite (line_mix (fun x => x) C p HC l P1) in P2. destruct HC as (Hpos & _).
    apply (some_share C _ _ _ Hpos) with (2 := P2). intros x Hx. rewrite Hcorners in Hx. specialize (H x Hx). cbv zeta in H.
    apply andb_true_iff in H as [H1 H2]. apply le_R in H1. rewrite !worth_at_R in H1. split; [exact H1|].
    apply orb_true_iff in H2 as [H2|H2].
    - left. apply negb_true_iff, nle_R in H2. rewrite !worth_at_R in H2. exact H2.
    - right. apply le_R in H2. rewrite Q2R_zero in H2. exact H2.
  Qed.
  Lemma relaxed_holds c : satisfies (e c) (relaxed E L D corners strict) M.
  Proof.
    destruct HM as (A & B & T & _). refine (conj A (conj _ (conj T (conj I (conj I (conj I _)))))).
    - simpl. destruct (allocation D); [exact I| |exact B|exact B].
      intros th a Hth Ha Hp. apply negb_true_iff, not_true_is_false. intros Z.
      destruct (beaten_sound a th Z) as (b & Hb & Hlt). pose proof (B th a b Hth Ha Hb Hp) as G. fold e in G. lra.
    - intros r [].
  Qed.
  Lemma corner_bound_sound c o y b : corner_bound E L D corners strict (e c) o y = Some b ->
    evL (e c) M (goal_at (e c) o) + sum y (fun yx => Q2R (fst yx) * evL (e c) M (atoms (e c) D (snd yx))) <= Q2R b.
  Proof.
    unfold corner_bound. intros H. pose proof (combine_sound (e c) D M (goal_at (e c) o) y) as Hc.
    destruct (combine (e c) D (goal_at (e c) o) y) as [T b0]. destruct (largest (leaf (e c) _) T) as [z|] eqn:Hz; [|discriminate].
    inversion H. rewrite qadd_R. apply (largest_sound T (leaf (e c) (relaxed E L D corners strict)) (fun th a => q M a th) (fun th i => t M i th)) in Hz;
      [|intros; eapply (leaf_sound (e c) (relaxed E L D corners strict) M); eauto; apply relaxed_holds].
    unfold evS in Hc. simpl in Hc. lra.
  Qed.
  Definition value_at (o : option objective) (c : point) : R := match o with Some o => value (placed E L c) o M | None => 0 end.
  Lemma under_line_sound o line y : (length line <= 3)%nat -> under_line E L D corners strict o line y = true -> value_at o p <= Q2R (line_at line p).
  Proof.
    intros Hlen. unfold under_line. rewrite !andb_true_iff. intros [[_ Hsign] H]. rewrite forallb_forall in Hsign, H.
    assert (T : forall i theta, t M i theta = mix C (fun _ => t M i theta)) by (intros; symmetry; apply (mix_const (fun x => x) C p HC)).
    assert (S : mix C (fun c => sum y (fun yx => Q2R (fst yx) * slack (e c) D M (snd yx))) =
      sum y (fun yx => Q2R (fst yx) * slack (e p) D M (snd yx))).
    { rewrite (mix_sum (fun x => x) C p HC). apply sum_ext. intros yx _. rewrite mix_times. f_equal. symmetry.
      apply (slack_mix (fun x => x) C p HC E L D HL (fun _ => M) M); auto. }
    assert (P : 0 <= sum y (fun yx => Q2R (fst yx) * slack (e p) D M (snd yx))).
    { clear S H. induction y as [|[x r] y IH]; simpl in *; [lra|]. specialize (IH (fun z Hz => Hsign z (or_intror Hz))).
      pose proof (Hsign (x, r) (or_introl eq_refl)) as G. unfold sign_correct in G. simpl in G. apply andb_true_iff in G as [G1 G2].
      pose proof (slack_holds (e p) D M r HM G1) as G. destruct (equality D r); [rewrite G; lra|]. simpl in G2. apply le_R in G2.
      rewrite Q2R_zero in G2. pose proof (Rmult_le_pos _ _ G2 G). lra. }
    assert (V : value_at o p = mix C (fun c => value_at o c)).
    { unfold value_at. destruct o; [|symmetry; apply (mix_const (fun x => x) C p HC)].
      apply (value_mix (fun x => x) C p HC E L HL (fun _ => M) M); auto. }
    rewrite V, (line_mix (fun x => x) C p HC line Hlen).
    assert (B : mix C (fun c => value_at o c + sum y (fun yx => Q2R (fst yx) * slack (e c) D M (snd yx))) <= mix C (fun c => Q2R (line_at line c))).
    { apply (mix_le (fun x => x) C p HC). intros c Hc. rewrite Hcorners in Hc. specialize (H c Hc). fold e in H.
      destruct (corner_bound E L D corners strict (e c) o y) as [b|] eqn:Hb; [|discriminate]. apply le_R in H. apply corner_bound_sound in Hb.
      assert (G : evL (e c) M (goal_at (e c) o) = value_at o c) by (unfold value_at; destruct o; [apply goal_value|reflexivity]).
      rewrite G in Hb. eapply Rle_trans; [|exact H]. eapply Rle_trans; [|exact Hb]. apply Req_le. f_equal.
      apply sum_ext. intros yx Hyx. f_equal. symmetry. apply (atoms_slack (e c) D M). specialize (Hsign yx Hyx).
      unfold sign_correct in Hsign. apply andb_true_iff in Hsign as [Hsign _]. exact Hsign. }
    rewrite mix_plus, S in B. change (mix C (value_at o)) with (mix C (fun c => value_at o c)) in B. lra.
  Qed.
End Below.

(** ** For the files of answers *)
Section Answers.
  Variables (E : environment) (L : list slopes) (D : design).
  Context {X : Type}.
  Variables (place : X -> point) (asks : X -> mechanism -> Prop).
  Hypothesis same : forall x M, asks x M <-> satisfies (placed E L (place x)) D M.

  Definition between (C : list (R * (point * (nat -> profile -> Q)))) (f : nat -> profile -> Q) : mechanism :=
    {| q := fun a theta => Q2R (f a theta); t := fun i theta => mix C (fun c => Q2R (snd c i theta)) |}.
  Lemma served_by f paid p : served E L D f paid = true -> within (map fst paid) p -> exists C, map snd C = paid /\ shares fst C p /\
    satisfies (placed E L p) D (between C f) /\ (length L <= 2)%nat.
  Proof.
    unfold served. rewrite !andb_true_iff. intros [[HF HL] H] HW. apply Nat.leb_le in HL. rewrite forallb_forall in H.
    destruct (share_of fst paid p HF HW) as (C & HC & HS). exists C. refine (conj HC (conj HS (conj _ HL))).
    apply (satisfies_mix fst C p HS E L D HL (fun c => of_tables (f, snd c)) (between C f)); try reflexivity.
    intros c Hc. rewrite HC in Hc. apply passes_sound, H, Hc.
  Qed.
  Lemma some_within f paid x : served E L D f paid = true -> within (map fst paid) (place x) -> exists M, asks x M.
  Proof. intros H HW. destruct (served_by f paid _ H HW) as (C & _ & _ & HM & _). exists (between C f). apply same, HM. Qed.

  Variables (o : objective) (worth : X -> mechanism -> R).
  Hypothesis meant : forall x M, value (placed E L (place x)) o M = worth x M.
  Lemma worth_within line f paid x : worth_line E L D f paid o line = true -> within (map fst paid) (place x) ->
    exists M, asks x M /\ worth x M = Q2R (line_at line (place x)).
  Proof.
    unfold worth_line. rewrite !andb_true_iff. intros [[H Hlen] HV] HW. apply Nat.leb_le in Hlen.
    destruct (served_by f paid _ H HW) as (C & HC & HS & HM & HL). exists (between C f). split; [apply same, HM|].
    rewrite <- meant, (value_mix fst C (place x) HS E L HL (fun c => of_tables (f, snd c)) (between C f)); try reflexivity.
    rewrite (line_mix fst C _ HS line Hlen). unfold mix. apply sum_ext. intros c Hc. f_equal. rewrite forallb_forall in HV.
    specialize (HV (snd c)). rewrite <- HC in HV. specialize (HV (in_map snd _ _ Hc)). cbv zeta in HV. apply eq_R in HV.
    rewrite at_form_R, goal_value in HV. exact HV.
  Qed.

  Variables (corners strict : list point) (line : point).
  Lemma line_of_none y x : under_line E L D corners strict None line y = true -> (exists M, asks x M) -> within corners (place x) ->
    all_positive strict (place x) -> (0 <= line_at line (place x))%Q.
  Proof.
    intros H [M HM] HW HP. apply same in HM. apply Rle_Qle. rewrite Q2R_zero. pose proof H as H'. unfold under_line in H'.
    rewrite !andb_true_iff in H'. destruct H' as [[[[HF HL] Hlines] _] _]. apply Nat.leb_le in HL. rewrite forallb_forall in Hlines.
    destruct (share_of (fun x => x) corners (place x)) as (C & HC & HS); [rewrite map_id; exact HF|rewrite map_id; exact HW|].
    apply (under_line_sound E L D corners strict (place x) M C HS HC HL (fun l Hl => proj1 (Nat.leb_le _ _) (Hlines l (or_intror Hl))) HP HM None line y
      (proj1 (Nat.leb_le _ _) (Hlines line (or_introl eq_refl))) H).
  Qed.
  Lemma line_of_worth y x : under_line E L D corners strict (Some o) line y = true -> forall M, asks x M -> within corners (place x) ->
    all_positive strict (place x) -> worth x M <= Q2R (line_at line (place x)).
  Proof.
    intros H M HM HW HP. apply same in HM. rewrite <- meant. pose proof H as H'. unfold under_line in H'.
    rewrite !andb_true_iff in H'. destruct H' as [[[[HF HL] Hlines] _] _]. apply Nat.leb_le in HL. rewrite forallb_forall in Hlines.
    destruct (share_of (fun x => x) corners (place x)) as (C & HC & HS); [rewrite map_id; exact HF|rewrite map_id; exact HW|].
    apply (under_line_sound E L D corners strict (place x) M C HS HC HL (fun l Hl => proj1 (Nat.leb_le _ _) (Hlines l (or_intror Hl))) HP HM (Some o) line y
      (proj1 (Nat.leb_le _ _) (Hlines line (or_introl eq_refl))) H).
  Qed.
End Answers.

(** Statements about polygons, from lemmas about their corners. *)
Ltac each_part := repeat match goal with |- _ /\ _ => split end; try exact I.
Ltac inside := cbv [within left_of turn along px py nth all_positive fold_right line_at rises]; each_part; Lqa.lra.
Ltac served_by H := intros; first [refine (H _ _ _)|refine (H _ _)]; inside.
Ltac none_here G := intros; intro G.
Ltac line_from H G := let Z := fresh "Z" in first [pose proof (H _ _ G) as Z|pose proof (H _ G) as Z];
  specialize (Z ltac:(inside) ltac:(inside)); cbv [line_at rises nth] in Z.
Ltac split_iff := intros; split.
Ltac all_lines := each_part; Lqa.lra.
Ltac by_sign l := destruct (Q_dec l 0) as [[?|?]|?].
Ltac line_is := cbv [line_at rises nth]; rewrite ?Q2R_plus, ?Q2R_mult, ?Q2R_zero; lra.
Ltac worth_by H := let x := fresh "x" in intros x; intros; let M := fresh "M" in let A := fresh "A" in let V := fresh "V" in
  destruct (H x ltac:(inside)) as (M & A & V); exists M; split; [exact A|]; rewrite V; line_is.
Ltac at_most_by H := let x := fresh "x" in intros x; intros;
  eapply Rle_trans; [refine (H x _ _ _ _); [eassumption|inside|inside]|apply Req_le; line_is].
