(** Sums, and what collected coefficients are worth: lemmas of the proof that the checker is sound. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
Require Export Certificates.
Import ListNotations.
Open Scope R_scope.

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
