(** Deterministic mechanisms for types that hold several beliefs possible: cases of the outcome that is used at a profile, and of the
    belief under which a lie is worth least, in any order. *)

From Coq Require Import List Arith Bool ZArith QArith Qreals Rbase Lra Lia.
Require Import Mechlp Priors Maxmin Sights.
Import ListNotations.
Open Scope R_scope.

(** * The checker *)

(** Cases that end in cases of beliefs alone, in a profile at which no outcome is left, or go on. *)
Inductive branches :=
| Rest (T : sights) | NoneLeft (theta : profile) | Used (a : nat) (theta : profile) (yes no : branches)
| SeenAs (i k r : nat) (each : list branches).

Section Trees.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool) (wanted : claim).
  Fixpoint every_branch (ok : nat -> profile -> bool) (seen : list sight) (T : branches) : bool :=
    match T with
    | Rest T => every_sight E (with_allowed D ok) B A ir wanted seen T
    | NoneLeft theta => valid (sizes E) theta && forallb (fun a => negb (ok a theta)) (outcomes E)
    | Used a theta yes no => valid (sizes E) theta && (a <? num_outcomes E)%nat &&
        every_branch (narrowed a theta true ok) seen yes && every_branch (narrowed a theta false ok) seen no
    | SeenAs i k r each => match A with EveryBelief => false | _ => true end && known_lie E i k r &&
        (fix go ns l {struct l} := match l, ns with
          | [], [] => true | T' :: l', n :: ns' => every_branch ok ((i, k, r, n) :: seen) T' && go ns' l' | _, _ => false end)
          (choices E B A i k r) each
    end.
  Definition certain_cases (T : branches) : bool := sets_fine E B && every_branch everything [] T.
End Trees.

(** * Soundness *)
Arguments Q2R : simpl never.

(** The one outcome that is used is the one of the case, or another. *)
Lemma used_or_not E D M ok a theta : satisfies E (with_allowed D ok) M -> deterministic E M -> In theta (Theta E) ->
  satisfies E (with_allowed D (narrowed a theta true ok)) M \/ satisfies E (with_allowed D (narrowed a theta false ok)) M.
Proof.
  intros (HL & Hok & Hrest) HD Ht. simpl in Hok, Hrest. destruct (HD theta Ht) as (b & Hb & Hq).
  assert (only : forall c, In c (outcomes E) -> 0 < q M c theta -> c = b).
  { intros c Hc Hpos. destruct (HL theta Ht) as [L1 L2]. apply (sum_one (fun a => q M a theta) (outcomes E)); auto. apply seq_NoDup. }
  assert (N : satisfies E (with_allowed D (narrowed a theta (b =? a)%nat ok)) M).
  { refine (conj HL (conj _ Hrest)). intros th c Hth Hc Hpos. unfold narrowed. rewrite (Hok th c Hth Hc Hpos). simpl.
    destruct (same_profile theta th) eqn:Hs; [|reflexivity]. apply same_profile_eq in Hs. subst th. rewrite (only c Hc Hpos).
    destruct (b =? a)%nat; reflexivity. }
  destruct (b =? a)%nat; auto.
Qed.

Section Branches.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool) (M : mechanism) (wanted : claim).
  Hypothesis HB : sets_of_beliefs E B.
  Hypothesis HF : faces E B A ir M.
  Hypothesis HD : deterministic E M.

  Lemma every_branch_sound : forall T ok seen, satisfies E (with_allowed D ok) M -> (forall s, In s seen -> sight_true E B A M s) ->
    every_branch E D B A ir wanted ok seen T = true -> limited E M wanted.
  Proof.
    fix IH 1. intros [T|theta|a theta yes no|i k r each] ok seen HM HS H; simpl in H.
    - clear IH. apply (every_sight_sound E (with_allowed D ok) B A ir M wanted HB HM HF T seen HS H).
    - clear IH. apply andb_true_iff in H as [H1 H2]. apply valid_grid in H1. rewrite forallb_forall in H2. exfalso.
      destruct (HD theta H1) as (a & Ha & Hq). destruct HM as (_ & Hok & _). specialize (H2 a Ha).
      simpl in Hok. rewrite (Hok theta a H1 Ha) in H2; [discriminate|lra].
    - rewrite !andb_true_iff in H. destruct H as [[[H1 _] H3] H4]. apply valid_grid in H1.
      destruct (used_or_not E D M ok a theta HM HD H1) as [N|N].
      + exact (IH yes _ seen N HS H3).
      + exact (IH no _ seen N HS H4).
    - rewrite !andb_true_iff in H. destruct H as [[HA Hl] Hgo]. apply known_lie_in in Hl as (Hi & Hk & Hr & Hkr).
      assert (HA' : match A with EveryBelief => False | _ => True end)
        by (clear - HA; destruct A; [exact I|discriminate|exact I]).
      destruct (some_choice E B A ir M HB HF i k r HA' Hi Hk Hr Hkr) as (n & Hn & _ & Hw).
      assert (HT : forall ns, In n ns ->
        (fix go ns l {struct l} := match l, ns with
          | [], [] => true | T' :: l', n :: ns' => every_branch E D B A ir wanted ok ((i, k, r, n) :: seen) T' && go ns' l'
          | _, _ => false end) ns each = true -> limited E M wanted).
      { clear Hgo Hn. induction each as [|T' l IHl]; intros [|n' ns] Hn Hgo; try discriminate; [destruct Hn|].
        apply andb_true_iff in Hgo as [G1 G2]. destruct Hn as [->|Hn].
        - apply (IH T' ok ((i, k, r, n) :: seen) HM); [|exact G1]. intros s [<-|Hs]; [|apply HS, Hs]. simpl. intros _. exact Hw.
        - exact (IHl ns Hn G2). }
      exact (HT _ Hn Hgo).
  Qed.
End Branches.

(** ** For the files of answers *)
Section Answers.
  Variables (E : environment) (D : design) (B : belief_sets) (A : attitude) (ir : bool).
  Variables (o : objective) (asks : mechanism -> Prop) (worth : mechanism -> R).
  Hypothesis same : forall M, asks M <-> satisfies E D M /\ faces E B A ir M /\ deterministic E M.
  Hypothesis chosen : allocation D = Chosen.

  Lemma cases_limit wanted T M : certain_cases E D B A ir wanted T = true -> asks M -> limited E M wanted.
  Proof.
    unfold certain_cases. intros H HM. apply andb_true_iff in H as [H0 H]. apply same in HM as (HM & HF & HD).
    apply sets_fine_sound in H0. apply (every_branch_sound E D B A ir M wanted H0 HF HD T everything []); auto.
    - apply satisfies_everything; auto.
    - intros s [].
  Qed.
  Lemma none_certain_faces T : certain_cases E D B A ir Nothing T = true -> ~ exists M, asks M.
  Proof. intros H [M HM]. exact (cases_limit Nothing T M H HM). Qed.
  Lemma certain_faces_at_most v T x : (forall M, value E o M = worth M) -> Q2R v = x ->
    certain_cases E D B A ir (Worth o v) T = true -> forall M, asks M -> worth M <= x.
  Proof. intros Hw Hv H M HM. rewrite <- Hw, <- Hv. exact (cases_limit (Worth o v) T M H HM). Qed.
  Lemma certain_faces_at_least v T x : (forall M, value E o M = - worth M) -> Q2R v = - x ->
    certain_cases E D B A ir (Worth o v) T = true -> forall M, asks M -> x <= worth M.
  Proof. intros Hw Hv H M HM. pose proof (cases_limit (Worth o v) T M H HM) as G. simpl in G. rewrite Hw, Hv in G. lra. Qed.
  Lemma one_certain_faces m : passes E D m && all_face E B A ir m && certain E m = true -> exists M, asks M.
  Proof.
    rewrite !andb_true_iff. intros [[H1 H2] H3]. exists (of_tables m). apply same.
    refine (conj (passes_sound E D m H1) (conj (all_face_sound E B A ir m H2) (certain_sound E m H3))).
  Qed.
  Lemma certain_faces_reached v m x : (forall M, value E o M = worth M) -> Q2R v = x ->
    attains E D m o v && all_face E B A ir m && certain E m = true -> exists M, asks M /\ worth M = x.
  Proof.
    intros Hw Hv. rewrite !andb_true_iff. intros [[H1 H2] H3]. unfold attains in H1. apply andb_true_iff in H1 as [H1 H4].
    exists (of_tables m). split.
    - apply same. refine (conj (passes_sound E D m H1) (conj (all_face_sound E B A ir m H2) (certain_sound E m H3))).
    - rewrite <- Hw, <- goal_value, <- at_form_R, <- Hv. apply eq_R, H4.
  Qed.
End Answers.
