(** Types that hold several beliefs possible: no mechanism, or none worth more.  What worst cases imply is linear once it is known
    in which state (a belief, or a belief and the report that regret is against) a lie is worth no more than truth; a proof
    distinguishes cases of that. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Rbasic_fun Lra Lia.
Require Import Mechlp Priors Maxmin.
Import ListNotations.
Open Scope R_scope.

(** * The checker *)

(** What a worst case implies, linear in chances, transfers and the worst cases of truth themselves: truth under any belief is
    at least its worst case ([AtTruth]), which is at least a lie in the state that the lie is seen in ([AtLie]), at least
    the outside option ([AtPart]), and at least the worst case of the type that is reported and what outcomes are worth more to
    this one, where that type holds all these beliefs possible ([AtOpenLie]).  Under every belief: [TruthUnder], [PartUnder]. *)
Inductive brow :=
| AtTruth (w i k : nat) | AtLie (i k r : nat) | AtOpenLie (i k r : nat) | AtPart (i k : nat)
| TruthUnder (w i k r : nat) | PartUnder (w i k : nat) | Plain (x : requirement).
Definition bcertificate := list (Q * brow).
(** Type k of agent i, report r, and the number of the state in which the report is seen. *)
Definition sight := (nat * nat * nat * nat)%type.

Section Rows.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool).
  Definition belief (i k w : nat) : profile -> Q := nth w (B i k) (fun _ => 0%Q).
  Definition told_atoms (s : Q) (w : profile -> Q) (i k r : nat) : list atom :=
    map (fun theta => Pay (qmul s (w theta)) i theta r) (cells E i k).
  Definition state_at (i k n : nat) : state := nth n (states E B A i k) (fun _ => 0%Q, None).
  Definition state_atoms (s : Q) (n i k r : nat) : list atom :=
    let st := state_at i k n in
    told_atoms s (fst st) i k r ++ match snd st with Some r' => told_atoms (Qopp s) (fst st) i k r' | None => [] end.

  (** What reporting r brings type k beyond what it brings r, by the outcomes alone: at least this, whatever they are. *)
  Definition less_worth (i r : nat) (theta : profile) : list Q :=
    map (fun a => qadd (u E i a (report theta i r)) (Qopp (u E i a theta))) (outcomes E).
  Fixpoint gain_over (l : list profile) (w : profile -> Q) (i r : nat) : option Q :=
    match l with
    | [] => Some 0%Q
    | theta :: l' =>
        match best_lottery E D (less_worth i r theta) (report theta i r), gain_over l' w i r with
        | Some x, Some y => Some (qadd (qmul (w theta) (Qopp x)) y)
        | _, _ => None
        end
    end.
  Fixpoint least_gain (ws : list (profile -> Q)) (i k r : nat) : option Q :=
    match ws with
    | [] => None
    | [w] => gain_over (cells E i k) w i r
    | w :: rest =>
        match gain_over (cells E i k) w i r, least_gain rest i k r with
        | Some x, Some y => Some (if Qle_bool x y then x else y)
        | _, _ => None
        end
    end.
  Definition held_by (i k r : nat) : bool := forallb (fun w => existsb (fun w' =>
    forallb (fun theta => Qeq_bool (w theta) (w' (report theta i r))) (cells E i k)) (B i r)) (B i k).

  Variable seen : list sight.
  Definition same_lie (i k r : nat) (s : sight) : bool :=
    let '(i', k', r', _) := s in ((i =? i') && (k =? k') && (r =? r'))%nat.
  (** Not against the report itself: where it is regretted against none, truth is not either. *)
  Definition choices (i k r : nat) : list nat := filter (fun n =>
    match snd (state_at i k n) with Some r' => negb (r' =? r)%nat | None => true end) (seq 0 (length (states E B A i k))).
  Definition seen_under (i k r : nat) : option nat :=
    match find (same_lie i k r) seen with
    | Some s => Some (snd s)
    | None => match choices i k r with [n] => Some n | _ => None end
    end.

  Definition bparts (x : brow) : list atom * list (Q * profile) :=
    match x with
    | AtTruth n i k => (state_atoms 1 n i k k, [((-1)%Q, [i; k])])
    | AtLie i k r => match seen_under i k r with
        | Some n => (state_atoms (-1) n i k r, [(1%Q, [i; k])]) | None => ([], []) end
    | AtOpenLie i k r => match least_gain (B i k) i k r with
        | Some g => ([Const (Qopp g)], [(1%Q, [i; k]); ((-1)%Q, [i; r])]) | None => ([], []) end
    | AtPart i k => ([Const (Qopp (qleast (B i k) (staying E i k)))], [(1%Q, [i; k])])
    | TruthUnder w i k r => (told_atoms 1 (belief i k w) i k k ++ told_atoms (-1) (belief i k w) i k r, [])
    | PartUnder w i k => (Const (Qopp (staying E i k (belief i k w))) :: told_atoms 1 (belief i k w) i k k, [])
    | Plain x => (atoms E D x, [])
    end.
  Definition known_type (i k : nat) : bool := is_agent E i && is_type E i k.
  Definition known_belief (i k w : nat) : bool := known_type i k && (w <? length (B i k))%nat.
  Definition known_state (i k n : nat) : bool := known_type i k && (n <? length (states E B A i k))%nat.
  Definition known_lie (i k r : nat) : bool := known_type i k && is_type E i r && negb (k =? r)%nat.
  Definition bfine (yx : Q * brow) : bool :=
    match snd yx, A with
    | Plain x, _ => sign_correct E D (fst yx, x)
    | AtTruth n i k, (WorstBelief | GreatestRegret) => Qle_bool 0 (fst yx) && known_state i k n
    | AtLie i k r, (WorstBelief | GreatestRegret) => Qle_bool 0 (fst yx) && (known_lie i k r &&
        match seen_under i k r with Some n => known_state i k n | None => false end)
    | AtOpenLie i k r, WorstBelief => Qle_bool 0 (fst yx) && (known_type i k && is_type E i r && held_by i k r)
    | AtPart i k, WorstBelief => Qle_bool 0 (fst yx) && (ir && known_type i k)
    | TruthUnder w i k r, EveryBelief => Qle_bool 0 (fst yx) && (is_type E i r && known_belief i k w)
    | PartUnder w i k, (EveryBelief | GreatestRegret) => Qle_bool 0 (fst yx) && (ir && known_belief i k w)
    | _, _ => false
    end.

  Definition bput (s : trie * Q * trie) (yx : Q * brow) : trie * Q * trie :=
    let (l, us) := bparts (snd yx) in
    (scatter E (map (scale (fst yx)) l) (fst s),
     fold_left (fun W cu => add (snd cu) [qmul (fst yx) (fst cu)] [] W) us (snd s)).
  Definition cancels (key : profile) (cq ct : list Q) : option Q :=
    if forallb (fun c => Qeq_bool c 0) cq && forallb (fun c => Qeq_bool c 0) ct then Some 0%Q else None.
  Definition bupper (o : list atom) (c : bcertificate) : option Q :=
    if forallb bfine c then
      let '(T, b, W) := fold_left bput c (scatter E o (empty, 0%Q), empty) in
      match largest (leaf E D) T, largest cancels W with
      | Some x, Some z => Some (qadd x (qadd z b))
      | _, _ => None
      end
    else None.
End Rows.

(** What is claimed: that there is no mechanism, that none is worth more, or that none guarantees more under a set of priors. *)
Inductive claim := Nothing | Worth (o : objective) (v : Q) | Guaranteed (rows : list row) (o : objective) (v : Q).

(** Cases: each state in which a lie may be seen; a leaf contradicts what is asked, or limits the objective, under a prior of the
    designer's set where she holds several possible. *)
Inductive sights := Contradiction (c : bcertificate) | Limit (c : bcertificate) | WorstPrior (p : table) (z : list Q) (c : bcertificate)
| Seen (i k r : nat) (each : list sights).

Section Trees.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool).
  Variable wanted : claim.
  Definition limited_by (seen : list sight) (o : objective) (v : Q) (c : bcertificate) : bool :=
    match bupper E D B A ir seen (goal E o) c with Some b => Qle_bool b v | None => false end.
  Fixpoint every_sight (seen : list sight) (T : sights) : bool :=
    match T with
    | Contradiction c => match bupper E D B A ir seen [] c with Some b => negb (Qle_bool 0 b) | None => false end
    | Limit c => match wanted with Worth o v => limited_by seen o v c | _ => false end
    | WorstPrior p z c => match wanted with
        | Guaranteed rows o v => member E rows (look p) z && limited_by seen (under E (look p) o) v c | _ => false end
    | Seen i k r each => match A with EveryBelief => false | _ => true end && known_lie E i k r &&
        (fix go ns l {struct l} := match l, ns with
          | [], [] => true | T' :: l', n :: ns' => every_sight ((i, k, r, n) :: seen) T' && go ns' l' | _, _ => false end)
          (choices E B A i k r) each
    end.
  Definition every_case_seen (T : sights) : bool := sets_fine E B && every_sight [] T.
End Trees.

(** * Soundness *)
Arguments Q2R : simpl never.

Lemma least_attained {X} (l : list X) f d : l <> [] -> exists n, (n < length l)%nat /\ least l f = f (nth n l d).
Proof.
  induction l as [|x [|y l] IH]; intros H; [congruence|exists 0%nat; split; [simpl; lia|reflexivity]|].
  destruct IH as (n & H1 & H2); [discriminate|].
  change (least (x :: y :: l) f) with (Rmin (f x) (least (y :: l) f)).
  unfold Rmin. destruct (Rle_dec (f x) (least (y :: l) f)).
  - exists 0%nat. split; [simpl; lia|reflexivity].
  - exists (S n). split; [simpl in *; lia|exact H2].
Qed.
Lemma evT_cancels f g W z : largest cancels W = Some z -> evT f g W <= Q2R z.
Proof.
  apply largest_sound. intros th cq ct x H. unfold cancels in H.
  destruct (forallb _ cq && forallb _ ct) eqn:Hc; [|discriminate]. inversion H. rewrite Q2R_zero.
  apply andb_true_iff in Hc as [Hc1 Hc2].
  assert (Z : forall f l k, forallb (fun c => Qeq_bool c 0) l = true -> dot l f k = 0).
  { intros h. induction l as [|y l IH]; intros k Hl; simpl in *; auto. apply andb_true_iff in Hl as [Hl Hl'].
    apply eq_R in Hl. rewrite Hl, Q2R_zero, IH; auto. lra. }
  rewrite !Z; auto. lra.
Qed.

Section Bounds.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool) (M : mechanism).
  Hypothesis HB : sets_of_beliefs E B.
  Hypothesis HM : satisfies E D M.
  Hypothesis HF : faces E B A ir M.

  Definition lie_under (i k r : nat) (w : profile -> Q) : R := interim (believing E w) M i k r.
  Definition worth_at (i k r n : nat) : R := worth_in E M i k r (state_at E B A i k n).
  Definition worst_truth (i k : nat) : R := least (states E B A i k) (worth_in E M i k k).
  Definition sight_true (s : sight) : Prop := let '(i, k, r, n) := s in
    (n < length (states E B A i k))%nat -> worth_at i k r n <= worst_truth i k.

  Lemma told_sum s w i k r : In i (agents E) -> In k (types E i) -> In w (B i k) ->
    evL E M (told_atoms E s w i k r) = Q2R s * lie_under i k r w.
  Proof.
    intros Hi Hk Hw. destruct (sure E B HB w i k Hi Hk Hw) as [H1 H2]. unfold evL, told_atoms.
    rewrite sum_map. rewrite <- (Rmult_1_l (lie_under i k r w)), <- H2. unfold lie_under, interim.
    rewrite (average (believing E w)), <- sum_times; auto. apply sum_ext. intros th _. simpl. rewrite qmul_R.
    change (payoff (believing E w) M i th r) with (payoff E M i th r). ring.
  Qed.
  Lemma staying_is w i k : In i (agents E) -> In k (types E i) -> In w (B i k) ->
    Q2R (staying E i k w) = interim_outside (believing E w) i k.
  Proof. intros Hi Hk Hw. apply (staying_R E B HB); auto. Qed.
  Lemma known_type_in i k : known_type E i k = true -> In i (agents E) /\ In k (types E i).
  Proof. unfold known_type. rewrite andb_true_iff. intros [H1 H2]. split; [apply is_agent_in, H1|apply is_type_in, H2]. Qed.
  Lemma known_belief_in i k w : known_belief E B i k w = true -> In i (agents E) /\ In k (types E i) /\
    (w < length (B i k))%nat /\ In (belief B i k w) (B i k).
  Proof.
    unfold known_belief. rewrite andb_true_iff. intros [H1 H2]. apply known_type_in in H1 as [H1 H3].
    apply Nat.ltb_lt in H2. repeat split; auto. apply nth_In, H2.
  Qed.

  Lemma state_at_in i k n : (n < length (states E B A i k))%nat -> In (state_at E B A i k n) (states E B A i k).
  Proof. apply nth_In. Qed.
  Lemma state_sum s n i k r : In i (agents E) -> In k (types E i) -> (n < length (states E B A i k))%nat ->
    evL E M (state_atoms E B A s n i k r) = Q2R s * worth_at i k r n.
  Proof.
    intros Hi Hk Hn. pose proof (state_at_in i k n Hn) as Hs. apply in_states in Hs as [Hw _].
    unfold state_atoms, worth_at, worth_in, evL. rewrite sum_app. fold (evL E M (told_atoms E s (fst (state_at E B A i k n)) i k r)).
    rewrite told_sum; auto. unfold lie_under. destruct (snd (state_at E B A i k n)) as [r'|].
    - fold (evL E M (told_atoms E (Qopp s) (fst (state_at E B A i k n)) i k r')). rewrite told_sum, Q2R_opp; auto. unfold lie_under. ring.
    - simpl. ring.
  Qed.
  Lemma known_state_in i k n : known_state E B A i k n = true -> In i (agents E) /\ In k (types E i) /\ (n < length (states E B A i k))%nat.
  Proof. unfold known_state. rewrite andb_true_iff. intros [H1 H2]. apply known_type_in in H1 as [H1 H3]. apply Nat.ltb_lt in H2. auto. Qed.
  Lemma known_lie_in i k r : known_lie E i k r = true -> In i (agents E) /\ In k (types E i) /\ In r (types E i) /\ k <> r.
  Proof.
    unfold known_lie. rewrite !andb_true_iff. intros [[H1 H2] H3]. apply known_type_in in H1 as [H1 H4]. apply is_type_in in H2.
    apply negb_true_iff, Nat.eqb_neq in H3. auto.
  Qed.
  Lemma states_some i k : In i (agents E) -> In k (types E i) -> states E B A i k <> [].
  Proof.
    intros Hi Hk. destruct (HB i k Hi Hk) as [Hne _]. unfold states. destruct (B i k) as [|w l]; [contradiction|].
    destruct A; try discriminate. intros Z. apply map_eq_nil in Z. assert (In (w, k) (list_prod (w :: l) (types E i))) as P
      by (apply in_prod; [left; reflexivity|exact Hk]). rewrite Z in P. destruct P.
  Qed.
  Lemma choice_at i k r n : (n < length (states E B A i k))%nat ->
    match snd (state_at E B A i k n) with Some r' => r' <> r | None => True end -> In n (choices E B A i k r).
  Proof.
    intros Hn H. apply filter_In. split; [apply in_seq; lia|]. destruct (snd _); [|reflexivity].
    apply negb_true_iff, Nat.eqb_neq, H.
  Qed.
  (** Some state shows each lie: the worst one, or, where that compares the lie with itself, one against truth. *)
  Lemma some_choice i k r : match A with EveryBelief => False | _ => True end -> In i (agents E) -> In k (types E i) -> In r (types E i) ->
    k <> r -> exists n, In n (choices E B A i k r) /\ (n < length (states E B A i k))%nat /\ worth_at i k r n <= worst_truth i k.
  Proof.
    intros HA Hi Hk Hr Hkr. pose proof (faces_compares E B A ir M HA HF i k r Hi Hk Hr) as HC. fold (worst_truth i k) in HC.
    destruct (least_attained (states E B A i k) (worth_in E M i k r) (fun _ => 0%Q, None) (states_some i k Hi Hk)) as (n & Hn & Hl).
    fold (state_at E B A i k n) in Hl. rewrite Hl in HC. pose proof (state_at_in i k n Hn) as Hs.
    pose proof (in_states E B A i k _ Hs) as [Hw Hag]. destruct (snd (state_at E B A i k n)) as [r'|] eqn:Ha.
    - destruct Hag as [HR Hr']. destruct (Nat.eq_dec r' r) as [->|Hne].
      + assert (V0 : 0 <= worst_truth i k) by (unfold worth_in in HC; rewrite Ha in HC; lra).
        assert (Hst : In (fst (state_at E B A i k n), Some k) (states E B A i k)).
        { set (w := fst (state_at E B A i k n)) in *. unfold states. rewrite HR. apply in_map_iff. exists (w, k).
          split; [reflexivity|apply in_prod; auto]. }
        pose proof (least_le (states E B A i k) (worth_in E M i k k) _ Hs) as L. fold (worst_truth i k) in L.
        unfold worth_in in L at 1. rewrite Ha in L.
        apply (In_nth _ _ (fun _ => 0%Q, None)) in Hst as (n' & Hn' & Hst). exists n'.
        change (state_at E B A i k n' = (fst (state_at E B A i k n), Some k)) in Hst. split; [|split; [exact Hn'|]].
        * apply choice_at; [exact Hn'|]. rewrite Hst. exact Hkr.
        * unfold worth_at, worth_in. rewrite Hst. cbn [fst snd]. lra.
      + exists n. split; [apply choice_at; [exact Hn|rewrite Ha; exact Hne]|]. split; [exact Hn|]. unfold worth_at. lra.
    - exists n. split; [apply choice_at; [exact Hn|rewrite Ha; exact I]|]. split; [exact Hn|]. unfold worth_at. lra.
  Qed.

  (** *** A lie under an open belief *)
  Lemma less_worth_length i r theta : (length (less_worth E i r theta) <= num_outcomes E)%nat.
  Proof. unfold less_worth, outcomes. rewrite map_length, seq_length. lia. Qed.
  Lemma report_in theta i k r : In theta (Theta E) -> In i (agents E) -> In k (types E i) -> In r (types E i) ->
    In (report theta i r) (Theta E).
  Proof.
    unfold Theta, agents, types. rewrite <- !valid_grid, !in_seq. generalize (sizes E). intros s. revert theta i.
    induction s as [|m s IH]; intros [|x theta] [|i] H Hi Hk Hr; simpl in *; try discriminate; try lia.
    - apply andb_true_iff in H as [_ H]. apply andb_true_iff. split; [apply Nat.ltb_lt; lia|exact H].
    - apply andb_true_iff in H as [H1 H]. apply andb_true_iff. split; [exact H1|]. apply IH; auto; lia.
  Qed.
  Lemma cells_in i k theta : In i (agents E) -> In k (types E i) -> In theta (cells E i k) -> In theta (Theta E).
  Proof. intros Hi Hk H. rewrite cells_of_type in H; auto. unfold of_type in H. apply filter_In in H. tauto. Qed.
  Lemma gain_at theta i r x : In (report theta i r) (Theta E) ->
    best_lottery E D (less_worth E i r theta) (report theta i r) = Some x ->
    - Q2R x <= Σ a ∈ outcomes E, (Q2R (u E i a theta) - Q2R (u E i a (report theta i r))) * q M a (report theta i r).
  Proof.
    intros Ht H. apply (best_lottery_sound E D M) in H; auto; [|apply less_worth_length].
    unfold less_worth, outcomes in *. rewrite dot_seq in H.
    rewrite <- (Ropp_involutive (sum _ _)). apply Ropp_le_contravar. eapply Rle_trans; [|exact H].
    apply Req_le. rewrite sum_opp. apply sum_ext. intros a _. rewrite qadd_R, Q2R_opp. ring.
  Qed.
  Lemma gain_sum i k r w : In i (agents E) -> In k (types E i) -> In r (types E i) ->
    (forall theta, In theta (Theta E) -> (0 <= w theta)%Q) ->
    forall l g, (forall theta, In theta l -> In theta (Theta E)) -> gain_over E D l w i r = Some g ->
    Q2R g <= Σ theta ∈ l, Q2R (w theta) *
      (Σ a ∈ outcomes E, (Q2R (u E i a theta) - Q2R (u E i a (report theta i r))) * q M a (report theta i r)).
  Proof.
    intros Hi Hk Hr Hw. induction l as [|theta l IH]; intros g Hl H; simpl in H.
    - inversion H. simpl. rewrite Q2R_zero. lra.
    - destruct (best_lottery _ _ _ _) as [x|] eqn:Hx; [|discriminate].
      destruct (gain_over E D l w i r) as [y|] eqn:Hy; [|discriminate]. inversion H; subst g. simpl.
      assert (Ht : In theta (Theta E)) by (apply Hl; left; auto).
      apply gain_at in Hx; [|apply (report_in theta i k r); auto].
      specialize (IH y (fun th Hth => Hl th (or_intror Hth)) eq_refl).
      rewrite qadd_R, qmul_R, Q2R_opp. apply Rplus_le_compat; auto. apply Rmult_le_compat_l; auto.
      rewrite <- Q2R_zero. apply Qle_Rle, Hw, Ht.
  Qed.
  Lemma least_gain_le i k r : forall ws g, least_gain E D ws i k r = Some g -> forall w, In w ws ->
    exists x, gain_over E D (cells E i k) w i r = Some x /\ Q2R g <= Q2R x.
  Proof.
    induction ws as [|w0 [|w1 ws] IH]; intros g H w Hw; [destruct Hw| |].
    - destruct Hw as [->|[]]. exists g. split; [exact H|lra].
    - change (match gain_over E D (cells E i k) w0 i r, least_gain E D (w1 :: ws) i k r with
              | Some x, Some y => Some (if Qle_bool x y then x else y) | _, _ => None end = Some g) in H.
      destruct (gain_over E D (cells E i k) w0 i r) as [x|] eqn:Hx; [|discriminate].
      destruct (least_gain E D (w1 :: ws) i k r) as [y|] eqn:Hy; [|discriminate].
      assert (G : Q2R g <= Q2R x /\ Q2R g <= Q2R y).
      { destruct (Qle_bool x y) eqn:L; inversion H; subst g; [apply le_R in L|apply nle_R in L]; lra. }
      destruct Hw as [->|Hw].
      + exists x. split; [exact Hx|lra].
      + destruct (IH y eq_refl w Hw) as (z & Hz & L). exists z. split; [exact Hz|lra].
  Qed.

  Lemma open_lie i k r g : A = WorstBelief -> In i (agents E) -> In k (types E i) -> In r (types E i) ->
    held_by E B i k r = true -> least_gain E D (B i k) i k r = Some g -> Q2R g + worst_truth i r <= worst_truth i k.
  Proof.
    intros HA Hi Hk Hr Hh Hg. unfold worst_truth. rewrite !plain_least by (rewrite HA; exact I).
    unfold faces in HF. rewrite HA in HF. destruct HF as [HI _].
    specialize (HI i k r Hi Hk Hr). fold (lie_under i k k) (lie_under i k r) in HI. fold (lie_under i k k) (lie_under i r r).
    destruct (HB i k Hi Hk) as [Hne Hd].
    destruct (least_attained (B i k) (lie_under i k r) (fun _ => 0%Q) Hne) as (n & Hn & Hl).
    rewrite Hl in HI. set (w := nth n (B i k) (fun _ => 0%Q)) in *.
    assert (Hw : In w (B i k)) by (apply nth_In, Hn).
    destruct (least_gain_le i k r _ g Hg w Hw) as (x & Hx & Hgx).
    apply (gain_sum i k r w Hi Hk Hr (proj1 (Hd w Hw))) in Hx; [|intros th Hth; apply (cells_in i k); auto].
    unfold held_by in Hh. rewrite forallb_forall in Hh. specialize (Hh w Hw). apply existsb_exists in Hh as (w' & Hw' & Hsame).
    rewrite forallb_forall in Hsame.
    pose proof (least_le (B i r) (lie_under i r r) w' Hw') as Hle.
    pose proof (told_sum 1 w i k r Hi Hk Hw) as S1. pose proof (told_sum 1 w' i r r Hi Hr Hw') as S2.
    rewrite Q2R_one, Rmult_1_l in S1, S2. unfold evL, told_atoms in S1, S2.
    unfold cells in S2. rewrite (slice_report (sizes E) i k r), map_map in S2. fold (cells E i k) in S2.
    rewrite sum_map in S1, S2.
    enough (Q2R x + lie_under i r r w' <= lie_under i k r w) by lra.
    eapply Rle_trans; [apply Rplus_le_compat_r; exact Hx|]. rewrite <- S1, <- S2, <- sum_plus.
    apply Req_le, sum_ext. intros th Hth. simpl. rewrite !qmul_R, Q2R_one.
    rewrite <- (eq_R _ _ (Hsame th Hth)). unfold payoff.
    replace (report (report th i r) i r) with (report th i r) by (clear; revert i; induction th; intros [|i]; simpl; f_equal; auto).
    rewrite (sum_ext _ _ (fun a => u E i a th * q M a (report th i r) + - 1 * (u E i a (report th i r) * q M a (report th i r))))
      by (intros a _; ring).
    rewrite sum_plus, sum_times. ring.
  Qed.

  (** *** Rows *)
  Variable seen : list sight.
  Hypothesis HS : forall s, In s seen -> sight_true s.

  Definition fw (key : profile) (j : nat) : R := match key, j with [i; k], O => worst_truth i k | _, _ => 0 end.
  Definition evW (cu : Q * profile) : R := Q2R (fst cu) * fw (snd cu) 0.
  Definition evB (x : brow) : R := evL E M (fst (bparts E D B A seen x)) + sum (snd (bparts E D B A seen x)) evW.

  Lemma seen_under_true i k r n : match A with EveryBelief => False | _ => True end -> known_lie E i k r = true ->
    seen_under E B A seen i k r = Some n -> (n < length (states E B A i k))%nat -> worth_at i k r n <= worst_truth i k.
  Proof.
    intros HA HK. unfold seen_under. destruct (find (same_lie i k r) seen) as [[[[i' k'] r'] n']|] eqn:F.
    - intros H Hn. simpl in H. inversion H; subst n'. apply find_some in F as [F1 F2]. unfold same_lie in F2.
      rewrite !andb_true_iff, !Nat.eqb_eq in F2. destruct F2 as [[-> ->] ->]. apply (HS _ F1), Hn.
    - apply known_lie_in in HK as (Hi & Hk & Hr & Hkr). destruct (some_choice i k r HA Hi Hk Hr Hkr) as (n' & H1 & H2 & H3).
      destruct (choices E B A i k r) as [|n0 [|n1 l]]; try discriminate. intros H _. inversion H; subst n0.
      destruct H1 as [->|[]]. exact H3.
  Qed.
  Lemma evW_one c i k : evW (c, [i; k]) = Q2R c * worst_truth i k. Proof. reflexivity. Qed.

  Lemma brow_sound y x : bfine E D B A ir seen (y, x) = true -> 0 <= Q2R y * evB x.
  Proof.
    pose proof HF as HF'. pose proof open_lie as OL. unfold faces in HF'. unfold bfine, evB. cbn [fst snd].
    assert (Y : forall b, Qle_bool 0 y && b = true -> 0 <= Q2R y /\ b = true).
    { intros b H. apply andb_true_iff in H as [H1 H2]. apply le_R in H1. rewrite Q2R_zero in H1. auto. }
    assert (PW : match A with GreatestRegret => False | _ => True end -> forall i k, worst_truth i k = least (B i k) (lie_under i k k))
      by (intros HA i k; unfold worst_truth; apply plain_least, HA).
    assert (T : forall n i k, Qle_bool 0 y && known_state E B A i k n = true ->
      0 <= Q2R y * (evL E M (fst (bparts E D B A seen (AtTruth n i k))) + sum (snd (bparts E D B A seen (AtTruth n i k))) evW)).
    { intros n i k H. apply Y in H as [Hy H]. apply known_state_in in H as (Hi & Hk & Hn). apply Rmult_le_pos; auto.
      cbn [bparts fst snd]. rewrite state_sum; auto. simpl sum. rewrite evW_one, Q2R_one, Q2R_minus1.
      pose proof (least_le (states E B A i k) (worth_in E M i k k) _ (state_at_in i k n Hn)). unfold worst_truth, worth_at. lra. }
    assert (L : forall i k r, match A with EveryBelief => False | _ => True end ->
      Qle_bool 0 y && (known_lie E i k r && match seen_under E B A seen i k r with Some n => known_state E B A i k n | None => false end) = true ->
      0 <= Q2R y * (evL E M (fst (bparts E D B A seen (AtLie i k r))) + sum (snd (bparts E D B A seen (AtLie i k r))) evW)).
    { intros i k r HA H. apply Y in H as [Hy H]. apply andb_true_iff in H as [Hl H]. cbn [bparts].
      destruct (seen_under E B A seen i k r) as [n|] eqn:Hs; [|discriminate]. apply known_state_in in H as (Hi & Hk & Hn).
      apply Rmult_le_pos; auto. cbn [fst snd]. rewrite state_sum; auto. simpl sum. rewrite evW_one, Q2R_one, Q2R_minus1.
      pose proof (seen_under_true i k r n HA Hl Hs Hn). lra. }
    assert (P : forall w i k, match A with WorstBelief => False | _ => True end -> Qle_bool 0 y && (ir && known_belief E B i k w) = true ->
      0 <= Q2R y * (evL E M (fst (bparts E D B A seen (PartUnder w i k))) + sum (snd (bparts E D B A seen (PartUnder w i k))) evW)).
    { intros w i k HA H. apply Y in H as [Hy H]. apply andb_true_iff in H as [Hir H].
      apply known_belief_in in H as (Hi & Hk & _ & Hw). apply Rmult_le_pos; auto. rewrite Hir in HF'. destruct HF' as [_ HI].
      assert (HI' : bewley_IR E B M) by (destruct A; [contradiction|exact HI|exact HI]).
      cbn [bparts fst snd]. unfold evL. simpl sum. fold (evL E M (told_atoms E 1 (belief B i k w) i k k)).
      rewrite told_sum, Q2R_opp, staying_is, Q2R_one; auto. specialize (HI' i k _ Hi Hk Hw). unfold lie_under. lra. }
    destruct x as [w i k|i k r|i k r|i k|w i k r|w i k|x]; [destruct A; try discriminate; auto..|].
    - intros H. apply Y in H as [Hy H]. rewrite !andb_true_iff in H. destruct H as [[H Hr] Hh].
      apply known_type_in in H as [Hi Hk]. apply is_type_in in Hr. apply Rmult_le_pos; auto.
      cbn [bparts]. destruct (least_gain E D (B i k) i k r) as [g|] eqn:Hg; cbn [fst snd].
      + pose proof (OL i k r g eq_refl Hi Hk Hr Hh Hg). unfold evL. simpl sum. rewrite !evW_one, Q2R_one, Q2R_minus1.
        simpl. rewrite Q2R_opp. lra.
      + unfold evL. simpl. lra.
    - intros H. apply Y in H as [Hy H]. apply andb_true_iff in H as [Hir H]. apply known_type_in in H as [Hi Hk].
      rewrite Hir in HF'. destruct HF' as [_ HI]. specialize (HI i k Hi Hk). apply Rmult_le_pos; auto.
      cbn [bparts fst snd]. unfold evL. simpl sum. rewrite evW_one, Q2R_one. simpl. rewrite Q2R_opp, qleast_R.
      rewrite (least_ext _ _ (fun w => interim_outside (believing E w) i k)); [|intros w Hw; apply staying_is; auto].
      rewrite (PW I). unfold lie_under. lra.
    - intros H. apply Y in H as [Hy H]. apply andb_true_iff in H as [Hr H]. apply is_type_in in Hr.
      apply known_belief_in in H as (Hi & Hk & _ & Hw). apply Rmult_le_pos; auto.
      cbn [bparts fst snd]. unfold evL. rewrite sum_app. fold (evL E M (told_atoms E 1 (belief B i k w) i k k)).
      fold (evL E M (told_atoms E (-1) (belief B i k w) i k r)). rewrite !told_sum; auto. simpl sum.
      rewrite Q2R_one, Q2R_minus1. destruct HF' as [HI _]. specialize (HI i k r _ Hi Hk Hr Hw). unfold lie_under. lra.
    - intros H. unfold sign_correct in H. cbn [fst snd] in H. apply andb_true_iff in H as [Ha H].
      cbn [bparts fst snd]. simpl sum. rewrite (atoms_slack E D M x Ha). pose proof (slack_holds E D M x HM Ha) as Hs.
      destruct (equality D x); [rewrite Hs; lra|]. simpl in H. apply le_R in H. rewrite Q2R_zero in H.
      pose proof (Rmult_le_pos _ _ H Hs). lra.
  Qed.

  Definition evZ (s : trie * Q * trie) : R := evS M (fst s) + evT fw (fun _ _ => 0) (snd s).
  Lemma bput_sound s yx : evZ (bput E D B A seen s yx) = evZ s + Q2R (fst yx) * evB (snd yx).
  Proof.
    unfold bput, evB, evZ. destruct (bparts E D B A seen (snd yx)) as [l us]. cbn [fst snd].
    rewrite scatter_sound, evL_scale.
    enough (HU : forall Z, evT fw (fun _ _ => 0) (fold_left (fun W cu => add (snd cu) [qmul (fst yx) (fst cu)] [] W) us Z) =
                           evT fw (fun _ _ => 0) Z + Q2R (fst yx) * sum us evW) by (rewrite HU; lra).
    induction us as [|[c key] us IH]; intros Z; simpl; [lra|]. rewrite IH, evT_add. simpl. rewrite qmul_R.
    unfold evW at 2. simpl. lra.
  Qed.
  Lemma bupper_sound o c b : bupper E D B A ir seen o c = Some b -> evL E M o <= Q2R b.
  Proof.
    unfold bupper. destruct (forallb (bfine E D B A ir seen) c) eqn:Hf; [|discriminate].
    assert (Hsum : evZ (fold_left (bput E D B A seen) c (scatter E o (empty, 0%Q), empty)) =
                   evL E M o + sum c (fun yx => Q2R (fst yx) * evB (snd yx))).
    { enough (forall s, evZ (fold_left (bput E D B A seen) c s) = evZ s + sum c (fun yx => Q2R (fst yx) * evB (snd yx))) as ->.
      - unfold evZ. cbn [fst snd]. rewrite scatter_sound, evT_empty. unfold evS. cbn [fst snd]. rewrite evT_empty, Q2R_zero. lra.
      - clear Hf. induction c as [|yx c IH]; intros s; simpl; [lra|]. rewrite IH, bput_sound. lra. }
    destruct (fold_left _ c _) as [[T b0] W].
    destruct (largest (leaf E D) T) as [x|] eqn:Hx; [|discriminate].
    destruct (largest cancels W) as [z|] eqn:Hz; [|discriminate].
    intros H. injection H as <-. rewrite !qadd_R. apply (evT_cancels (fw) (fun _ _ => 0)) in Hz.
    apply (largest_sound T (leaf E D) (fun th a => q M a th) (fun th i => t M i th)) in Hx;
      [|intros; eapply (leaf_sound E D M); eauto].
    assert (Hpos : 0 <= sum c (fun yx => Q2R (fst yx) * evB (snd yx))).
    { clear Hsum. induction c as [|[y r] c IH]; simpl in *; [lra|]. apply andb_true_iff in Hf as [H1 H2].
      specialize (IH H2). pose proof (brow_sound y r H1). lra. }
    unfold evZ, evS in Hsum. cbn [fst snd] in Hsum. lra.
  Qed.
End Bounds.

Section Sights.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool) (M : mechanism).
  Variable wanted : claim.
  Hypothesis HB : sets_of_beliefs E B.
  Hypothesis HM : satisfies E D M.
  Hypothesis HF : faces E B A ir M.

  Definition limited : Prop := match wanted with
    | Nothing => False
    | Worth o v => value E o M <= Q2R v
    | Guaranteed rows o v => exists p, possible_prior E rows p /\ expected E o p M <= Q2R v
    end.
  Lemma limited_by_sound seen o v c : (forall s, In s seen -> sight_true E B A M s) ->
    limited_by E D B A ir seen o v c = true -> value E o M <= Q2R v.
  Proof.
    intros HS H. unfold limited_by in H. destruct (bupper E D B A ir seen (goal E o) c) as [b|] eqn:Hb; [|discriminate].
    apply (bupper_sound E D B A ir M HB HM HF seen HS) in Hb. apply le_R in H. rewrite goal_value in Hb. lra.
  Qed.
  Lemma every_sight_sound : forall T seen, (forall s, In s seen -> sight_true E B A M s) ->
    every_sight E D B A ir wanted seen T = true -> limited.
  Proof.
    fix IH 1. intros [c|c|p z c|i k r each] seen HS H; simpl in H.
    - clear IH. destruct (bupper E D B A ir seen [] c) as [b|] eqn:Hb; [|discriminate].
      apply (bupper_sound E D B A ir M HB HM HF seen HS) in Hb. apply negb_true_iff, nle_R in H. rewrite Q2R_zero in H.
      unfold evL in Hb. simpl in Hb. lra.
    - clear IH. unfold limited. destruct wanted; try discriminate. apply (limited_by_sound seen o v c HS H).
    - clear IH. unfold limited. destruct wanted as [| |rows o v]; try discriminate. apply andb_true_iff in H as [Hp H].
      exists (fun th => Q2R (look p th)). split; [apply (member_sound E rows (look p) z Hp)|].
      rewrite <- under_R. apply (limited_by_sound seen _ v c HS H).
    - rewrite !andb_true_iff in H. destruct H as [[HA Hl] Hgo]. apply known_lie_in in Hl as (Hi & Hk & Hr & Hkr).
      assert (HA' : match A with EveryBelief => False | _ => True end)
        by (clear - HA; destruct A; [exact I|discriminate|exact I]).
      destruct (some_choice E B A ir M HB HF i k r HA' Hi Hk Hr Hkr) as (n & Hn & _ & Hw).
      assert (HT : forall ns, In n ns ->
        (fix go ns l {struct l} := match l, ns with
          | [], [] => true | T' :: l', n :: ns' => every_sight E D B A ir wanted ((i, k, r, n) :: seen) T' && go ns' l'
          | _, _ => false end) ns each = true -> limited).
      { clear Hgo Hn. induction each as [|T' l IHl]; intros [|n' ns] Hn Hgo; try discriminate; [destruct Hn|].
        apply andb_true_iff in Hgo as [G1 G2]. destruct Hn as [->|Hn].
        - apply (IH T' ((i, k, r, n) :: seen)); [|exact G1]. intros s [<-|Hs]; [|apply HS, Hs]. simpl. intros _. exact Hw.
        - exact (IHl ns Hn G2). }
      exact (HT _ Hn Hgo).
  Qed.
End Sights.

(** ** For the files of answers *)
Section Answers.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool).
  Variables (o : objective) (asks : mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall M, asks M <-> satisfies E D M /\ faces E B A ir M.

  Lemma none_faces T : every_case_seen E D B A ir Nothing T = true -> ~ exists M, asks M.
  Proof.
    unfold every_case_seen. intros H [M HM]. apply andb_true_iff in H as [H0 H]. apply same in HM as [HM HF].
    apply sets_fine_sound in H0. apply (every_sight_sound E D B A ir M Nothing H0 HM HF T [] (fun s Hs => False_ind _ Hs) H).
  Qed.

  Lemma faces_bound v T : every_case_seen E D B A ir (Worth o v) T = true -> forall M, asks M -> value E o M <= Q2R v.
  Proof.
    unfold every_case_seen. intros H M HM. apply andb_true_iff in H as [H0 H]. apply same in HM as [HM HF].
    apply sets_fine_sound in H0.
    apply (every_sight_sound E D B A ir M (Worth o v) H0 HM HF T [] (fun s Hs => False_ind _ Hs) H).
  Qed.
  Lemma faces_at_most v T x : (forall M, value E o M = worth M) -> Q2R v = x ->
    every_case_seen E D B A ir (Worth o v) T = true -> forall M, asks M -> worth M <= x.
  Proof. intros Hw Hv H M HM. rewrite <- Hw, <- Hv. apply (faces_bound v T H M HM). Qed.
  Lemma faces_at_least v T x : (forall M, value E o M = - worth M) -> Q2R v = - x ->
    every_case_seen E D B A ir (Worth o v) T = true -> forall M, asks M -> x <= worth M.
  Proof. intros Hw Hv H M HM. pose proof (faces_bound v T H M HM) as G. rewrite Hw, Hv in G. lra. Qed.
End Answers.

(** A designer who holds a set of priors possible. *)
Section Guarantees.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool) (rows : list row) (o : objective).
  Variables (asks : mechanism -> Prop) (worth : (profile -> R) -> mechanism -> R) (x : R) (v : Q).
  Hypothesis Hw : forall p M, expected E o p M = worth p M.
  Hypothesis Hv : Q2R v = x.

  Lemma none_faces_more T : (forall M, asks M -> satisfies E D M /\ faces E B A ir M) ->
    every_case_seen E D B A ir (Guaranteed rows o v) T = true ->
    forall M, asks M -> exists p, possible_prior E rows p /\ worth p M <= x.
  Proof.
    unfold every_case_seen. intros H Hc M HM. apply andb_true_iff in Hc as [H0 Hc]. destruct (H M HM) as [HS HF].
    apply sets_fine_sound in H0.
    destruct (every_sight_sound E D B A ir M (Guaranteed rows o v) H0 HS HF T [] (fun s Hs => False_ind _ Hs) Hc) as (p & H1 & H2).
    exists p. rewrite <- Hw, <- Hv. auto.
  Qed.
  Lemma one_faces_guarantees m total prices : (forall M, satisfies E D M -> faces E B A ir M -> asks M) ->
    passes E D m && all_face E B A ir m && guarantees E rows o m v total prices = true ->
    exists M, asks M /\ forall p, possible_prior E rows p -> x <= worth p M.
  Proof.
    intros H Hc. rewrite !andb_true_iff in Hc. destruct Hc as [[H1 H0] H2]. exists (of_tables m). split.
    - apply H; [apply passes_sound, H1|apply all_face_sound, H0].
    - intros p Hp. rewrite <- Hw, <- Hv. apply (guarantees_sound E rows o m v total prices H2 p Hp).
  Qed.
End Guarantees.
