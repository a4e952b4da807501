(** The checkers as OCaml programs: what an answer's theorem is closed by, run outside of Coq. *)
From Coq Require Import Extraction ExtrOcamlBasic ExtrOcamlNatInt ExtrOcamlZBigInt QArith.
Require Import Mechlp Ambiguous Priors Maxmin Sights Certain Rays RuleRays Lies Obedience Efficient Polygons Regions Simple Symmetric Enclosed.
Extract Inlined Constant Z.eqb => "Big_int_Z.eq_big_int".
Extract Inlined Constant Pos.eqb => "Big_int_Z.eq_big_int".
Extract Inlined Constant Nat.eqb => "(fun (x : int) y -> x = y)".
Extract Inlined Constant Nat.ltb => "(fun (x : int) y -> x < y)".
Extract Inlined Constant Nat.leb => "(fun (x : int) y -> x <= y)".
Extract Constant Z.div_eucl => "(fun a b -> if Big_int_Z.sign_big_int b = 0 then (Big_int_Z.zero_big_int, a)
  else Big_int_Z.quomod_big_int a b)".  (* divisors are positive here, where rounding down and towards a remainder >= 0 agree *)
Extract Constant Z.ggcd => "(fun a b -> let g = Big_int_Z.gcd_big_int a b in
  if Big_int_Z.sign_big_int g = 0 then (g, (Big_int_Z.zero_big_int, Big_int_Z.zero_big_int))
  else (g, (Big_int_Z.div_big_int a g, Big_int_Z.div_big_int b g)))".
Extraction "checker.ml" refutes passes attains bounds certain every_case leaf_fine leaf_refutes everything worst_leaf_fine
  none_under guarantees ambiguous_refutes ambiguous_passes ambiguous_attains ambiguous_bounds ambiguous_endless all_face every_case_seen certain_cases endless faces_endless among ex_post_among flags gains
  actions_fine obeying_refutes obeying_bounds all_obey deviations_fine with_plans actions_of recommended carried_out
  it_gives it_is_better it_dominates out_of_reach none_better none_dominates under_line served worth_line sets_fine beliefs_fine distribution_fine
  pick pick2 look at_form goal unlimited nth_of nth_in both
  market_fine lottery_fine welfare_at_least welfare_at_most likely_fine rule_fine rule_amounts amount_at_most
  enclosed_refutes enclosed_passes enclosed_bounds enclosed_attains enclosed_assures of_no_payoff index from_below.
