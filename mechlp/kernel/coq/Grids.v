(** Sums by type, and the largest value along the grid of profiles: lemmas of the proof that the checker is sound. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
Require Export Sums.
Import ListNotations.
Open Scope R_scope.

(** ** Sums by type *)
Lemma same_number_eq x y : same_number x y = true -> x = y.
Proof.
  unfold same_number. rewrite andb_true_iff, Z.eqb_eq, Pos.eqb_eq. destruct x, y; simpl. intros [-> ->]; auto.
Qed.
Lemma sum_filter {X} (p : X -> bool) l f : sum l (fun x => if p x then f x else 0) = sum (filter p l) f.
Proof. induction l as [|x l IH]; simpl; auto. destruct (p x); simpl; rewrite IH; lra. Qed.
Lemma slice_report : forall s i k r, slice s i r = map (fun th => report th i r) (slice s i k).
Proof.
  induction s as [|n s IH]; intros [|i] k r; simpl; auto.
  - rewrite map_map. reflexivity.
  - rewrite (IH i k r). generalize (seq 0 n). induction l as [|x l IHl]; simpl; auto.
    rewrite map_app, IHl, !map_map. reflexivity.
Qed.

Definition nothing : vector := ([], []).
Definition dv (f g : nat -> R) (v : vector) : R := dot (fst v) f 0 + dot (snd v) g 0.
Lemma dv_vplus f g x y : dv f g (vplus x y) = dv f g x + dv f g y.
Proof. unfold dv, vplus. simpl. rewrite !dot_vadd. lra. Qed.
Lemma dv_nothing f g : dv f g nothing = 0. Proof. unfold dv. simpl. lra. Qed.

Lemma alter_length {X} (g : X -> X) : forall k l, length (alter k g l) = length l.
Proof. induction k; intros [|x l]; simpl; auto. Qed.
Lemma alter_lengths {X} (g : list X -> list X) : (forall l, length (g l) = length l) ->
  forall k l, map (@length X) (alter k g l) = map (@length X) l.
Proof. intros H. induction k; intros [|x l]; simpl; rewrite ?H, ?IHk; auto. Qed.
Lemma alter_alter {X} (g h : X -> X) : forall k l, alter k (fun x => g (h x)) l = alter k g (alter k h l).
Proof. induction k; intros [|x l]; simpl; rewrite ?IHk; auto. Qed.
Lemma nth_alter {X} (g : X -> X) d : forall k l j, (j < length l)%nat ->
  nth j (alter k g l) d = if (j =? k)%nat then g (nth j l d) else nth j l d.
Proof.
  induction k; intros [|x l] [|j]; simpl; intros H; try lia; auto. apply IHk. lia.
Qed.

(** What the lists by type have at a profile. *)
Fixpoint gain (D : vector -> R) (axes : list (list vector)) (th : profile) : R :=
  match axes, th with
  | l :: axes', k :: th' => D (nth k l nothing) + gain D axes' th'
  | _, _ => 0
  end.
Lemma gain_alter (D : vector -> R) v : (forall x y, D (vplus x y) = D x + D y) ->
  forall axes i k th, (i < length axes)%nat -> valid (map (@length vector) axes) th = true ->
  gain D (alter i (alter k (vplus v)) axes) th = gain D axes th + (if (type_of th i =? k)%nat then D v else 0).
Proof.
  intros HD. induction axes as [|l axes IH]; intros i k [|j th] Hi Hv; simpl in *; try discriminate; try lia.
  apply andb_true_iff in Hv as [Hj Hv]. apply Nat.ltb_lt in Hj. destruct i; simpl.
  - rewrite nth_alter by auto. unfold type_of. simpl. destruct (j =? k)%nat; rewrite ?HD; lra.
  - rewrite IH; auto; [|lia]. unfold type_of. simpl. lra.
Qed.
Lemma gain_nothing (D : vector -> R) : D nothing = 0 -> forall s th, gain D (map (fun n => repeat nothing n) s) th = 0.
Proof.
  intros HD. induction s as [|n s IH]; intros [|k th]; simpl; auto. rewrite IH.
  replace (nth k (repeat nothing n) nothing) with nothing; [lra|]. revert k. induction n; intros [|k]; simpl; auto.
Qed.

Lemma evs_map {X} (h : X -> trie) d f g : forall l j, evs f g j (map h l) =
  sum (seq 0 (length l)) (fun k => evT (fun th => f ((j + k)%nat :: th)) (fun th => g ((j + k)%nat :: th)) (h (nth k l d))).
Proof.
  induction l as [|x l IH]; intros j; simpl; auto. rewrite IH, <- seq_shift, sum_map, Nat.add_0_r. f_equal.
  apply sum_ext. intros k _. rewrite Nat.add_succ_r. reflexivity.
Qed.
Lemma evT_sums : forall axes acc f g, evT f g (sums acc axes) =
  sum (grid (map (@length vector) axes)) (fun th => dv (f th) (g th) acc + gain (dv (f th) (g th)) axes th).
Proof.
  induction axes as [|l axes IH]; intros acc f g.
  - simpl. unfold dv. lra.
  - simpl sums. rewrite evT_node, (evs_map _ nothing). simpl grid. rewrite sum_flat_map. simpl dot. rewrite !Rplus_0_l.
    apply sum_ext. intros k _. rewrite IH, sum_map. apply sum_ext. intros th _. cbn [gain Nat.add]. rewrite dv_vplus. lra.
Qed.

(** ** The largest value, along the grid *)
Fixpoint gone (ws : list Q) (W : list (list (list Q))) (th : profile) : list Q :=
  match th with [] => ws | k :: th' => gone (vadd ws (nth k (hd [] W) [])) (tl W) th' end.
Lemma vadd_nil x : vadd x [] = x. Proof. destruct x; auto. Qed.
Lemma peak_sound : forall T B s W f g ws b,
  (forall th cq ct x, valid s th = true -> B th (gone ws W th) cq ct = Some x ->
    dot cq (f th) 0 + dot ct (g th) 0 <= Q2R x) ->
  peak B s W ws T = Some b -> evT f g T <= Q2R b.
Proof.
  fix IH 1. intros [cq ct ch] B s W f g ws b HB H. rewrite evT_node. destruct s as [|m rest]; simpl in H.
  - destruct ch; [|discriminate]. simpl evs. rewrite Rplus_0_r.
    destruct cq as [|c cq]; [destruct ct as [|c ct]; [injection H as <-; simpl; rewrite Q2R_zero; lra|]|];
      apply (HB [] _ _ _ eq_refl H).
  - destruct cq; [|discriminate]. destruct ct; [|discriminate]. simpl dot. rewrite !Rplus_0_l.
    match type of H with ?G _ _ _ _ = _ => set (go := G) in H end.
    enough (A : forall j n w y, (forall i, (i < n)%nat -> (j + i < m)%nat) ->
      (forall i, nth i w [] = nth (j + i) (hd [] W) []) -> go j n ch w = Some y -> evs f g j ch <= Q2R y)
      by (apply (A 0%nat m (hd [] W) b); auto).
    clear H b. induction ch as [|T' ch IHch]; intros j n w y Hn Hw Hy.
    + change (Some 0%Q = Some y) in Hy. injection Hy as <-. simpl. rewrite Q2R_zero. lra.
    + destruct n as [|n]; [discriminate|]. unfold go in Hy. simpl in Hy. fold go in Hy.
      destruct (peak _ _ _ _ T') as [a|] eqn:Ha; [|discriminate].
      destruct (go (S j) n ch (tl w)) as [c|] eqn:Hc; [|discriminate]. inversion Hy; subst y. rewrite qadd_R.
      apply IHch in Hc.
      * apply (IH T' _ rest _ (fun th => f (j :: th)) (fun th => g (j :: th))) in Ha; [simpl; lra|].
        intros th cq ct x Hv Hx. apply (HB (j :: th) cq ct x).
        -- simpl. rewrite Hv, andb_true_r. apply Nat.ltb_lt. specialize (Hn 0%nat). lia.
        -- simpl. specialize (Hw 0%nat). rewrite Nat.add_0_r in Hw. rewrite <- Hw. destruct w; exact Hx.
      * intros i Hi. specialize (Hn (S i)). lia.
      * intros i. specialize (Hw (S i)). rewrite Nat.add_succ_r in Hw. destruct w; simpl in *; [destruct i|]; exact Hw.
Qed.

Fixpoint added (a : nat) (W : list (list (list Q))) (th : profile) : R :=
  match th with [] => 0 | k :: th' => Q2R (nth a (nth k (hd [] W) []) 0%Q) + added a (tl W) th' end.
Lemma nth_vadd a : forall x y, Q2R (nth a (vadd x y) 0%Q) = Q2R (nth a x 0%Q) + Q2R (nth a y 0%Q).
Proof.
  induction a; intros [|b x] [|c y]; simpl; rewrite ?Q2R_zero, ?qadd_R, ?IHa; try lra.
Qed.
Lemma gone_added a : forall th ws W, Q2R (nth a (gone ws W th) 0%Q) = Q2R (nth a ws 0%Q) + added a W th.
Proof. induction th as [|k th IH]; intros ws W; simpl; [lra|]. rewrite IH, nth_vadd. lra. Qed.
Lemma gone_nothing : forall th, gone [] [] th = [].
Proof. induction th as [|k th IH]; simpl; auto. destruct k; simpl; auto. Qed.
Lemma added_sum a : forall th W, length W = length th -> added a W th =
  sum (seq 0 (length W)) (fun i => Q2R (nth a (nth (type_of th i) (nth i W []) []) 0%Q)).
Proof.
  induction th as [|k th IH]; intros [|l W] H; simpl in *; try discriminate; auto.
  rewrite IH by lia. rewrite <- seq_shift, sum_map. reflexivity.
Qed.
