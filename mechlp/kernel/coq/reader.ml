(* Reads a file that `mechlp export --proof coq` wrote, and decides by the checkers that Coq extracted: for files too large for coqc.
   Trusted beside Coq: extraction, Zarith, this reader, and that `question` says what `asks` says (which coqc proves by `same`). *)
module Big = Z
open Checker

type token = Word of string | Number of Big.t | Sign of string
type term = Num of q | Name of string | App of term list | List of term list | Tuple of term list
  | Record of (string * term) list | Match of (term list * term) list | Fun of term

exception Bad of string
let bad s = raise (Bad s)

(* -- words ------------------------------------------------------------------------------------------- *)
let text = let c = open_in_bin Sys.argv.(1) in let s = really_input_string c (in_channel_length c) in close_in c; s
let letter c = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c = '_' || c = '\''
let digit c = c >= '0' && c <= '9'
let tokens =
  let n = String.length text in
  let rec stop f i = if i < n && f text.[i] then stop f (i + 1) else i in
  let rec comment depth i =
    if depth = 0 then i
    else if i + 1 >= n then bad "a comment without end"
    else if text.[i] = '(' && text.[i + 1] = '*' then comment (depth + 1) (i + 2)
    else if text.[i] = '*' && text.[i + 1] = ')' then comment (depth - 1) (i + 2)
    else comment depth (i + 1) in
  let two = [":="; "=>"; "{|"; "|}"; "<>"; "/\\"; "<="; "->"] in
  let rec go i acc =
    if i >= n then List.rev acc
    else match text.[i] with
    | ' ' | '\n' | '\t' | '\r' -> go (i + 1) acc
    | '(' when i + 1 < n && text.[i + 1] = '*' -> go (comment 1 (i + 2)) acc
    | '%' when i + 1 < n && letter text.[i + 1] -> go (stop letter (i + 1)) acc  (* a scope *)
    | c when letter c -> let j = stop (fun c -> letter c || digit c) i in go j (Word (String.sub text i (j - i)) :: acc)
    | c when digit c ->
        let hex = i + 1 < n && text.[i + 1] = 'x' in
        let j = stop (fun c -> digit c || (hex && letter c)) i in
        go j (Number (Big.of_string (String.sub text i (j - i))) :: acc)
    | _ when i + 1 < n && List.mem (String.sub text i 2) two -> go (i + 2) (Sign (String.sub text i 2) :: acc)
    | c -> go (i + 1) (Sign (String.make 1 c) :: acc) in
  go 0 []

(* -- terms ------------------------------------------------------------------------------------------- *)
let rest = ref tokens
let peek () = match !rest with [] -> Sign "" | x :: _ -> x
let next () = match !rest with [] -> bad "the file ends too early" | x :: l -> rest := l; x
let expect s = if next () <> Sign s then bad ("expected " ^ s)
let word () = match next () with Word w -> w | _ -> bad "expected a name"
let defined : (string, term) Hashtbl.t = Hashtbl.create 64
let whole z = { qnum = z; qden = Big.one }
let rec denominator () = match next () with
  | Number z -> z
  | Word w -> (match Hashtbl.find_opt defined w with Some (Num x) when Big.equal x.qden Big.one -> x.qnum | _ -> bad w)
  | _ -> bad "a denominator"
and over top = if peek () = Sign "#" then begin ignore (next ()); let d = denominator () in
    if Big.sign d <= 0 then bad "a denominator that is not positive" else Num { qnum = top; qden = d } end
  else Num (whole top)
and starts () = match peek () with
  | Word ("end" | "with") -> false | Word _ | Number _ -> true | Sign ("(" | "[" | "{|") -> true | _ -> false
and separated close = if peek () = Sign close then (ignore (next ()); []) else
  let rec go acc = let x = term () in
    match next () with Sign ";" -> go (x :: acc) | Sign s when s = close -> List.rev (x :: acc) | _ -> bad "a list" in go []
(* A number of the statement, as the reals write it: `x` beside it is what is checked. *)
and real () = if next () = Sign ")" then Name "a real number" else real ()
and atom () = match next () with
  | Number z -> over z
  | Sign "[" -> List (separated "]")
  | Sign "{|" ->
      let rec go acc = let f = word () in expect ":="; let x = term () in
        match next () with Sign ";" -> go ((f, x) :: acc) | Sign "|}" -> Record (List.rev ((f, x) :: acc)) | _ -> bad "a record" in
      go []
  | Sign "(" ->
      if peek () = Sign "-" then begin ignore (next ());
        match next () with Number z -> let x = over (Big.neg z) in if peek () = Sign "/" then real () else begin expect ")"; x end | _ -> bad "a number" end
      else
        let x = term () in
        let rec go acc = match next () with
          | Sign "," -> go (term () :: acc)
          | Sign "/" -> real ()
          | Sign ")" -> (match acc with [x] -> x | l -> Tuple (List.rev l))
          | _ -> bad "a closing parenthesis is missing" in
        go [x]
  | Word "fun" -> while next () <> Sign "=>" do () done; Fun (term ())
  | Word "match" ->
      while next () <> Word "with" do () done;
      let rec pattern acc = match next () with
        | Number z -> pattern (Num (whole z) :: acc) | Word w -> pattern (Name w :: acc)
        | Sign "," -> pattern acc | Sign "=>" -> List.rev acc | _ -> bad "a pattern" in
      let rec go acc = let p = pattern [] in let x = term () in
        match next () with Sign "|" -> go ((p, x) :: acc) | Word "end" -> Match (List.rev ((p, x) :: acc)) | _ -> bad "a match" in
      go []
  | Word w -> Name w
  | Sign s -> bad ("unexpected " ^ s)
and term () = let x = atom () in
  let rec go acc = if starts () then go (atom () :: acc) else match acc with [x] -> x | l -> App (List.rev l) in go [x]

(* -- meanings ---------------------------------------------------------------------------------------- *)
let rec value x = match x with Name w when Hashtbl.mem defined w -> value (Hashtbl.find defined w) | x -> x
let rational x = match value x with
  | Num x -> x
  | App [Name "ratio"; Num a; Num b] when Big.equal a.qden Big.one && Big.equal b.qden Big.one && Big.sign b.qnum > 0 ->
      { qnum = a.qnum; qden = b.qnum }
  | _ -> bad "expected a number"
let nat x = let y = rational x in if Big.equal y.qden Big.one && Big.sign y.qnum >= 0 then Big.to_int y.qnum else bad "a natural number"
let list f x = match value x with List l -> List.map f l | _ -> bad "expected a list"
let bool x = match value x with Name "true" -> true | Name "false" -> false | _ -> bad "true or false"
let field r f = match value r with Record l -> (try List.assoc f l with Not_found -> bad f) | _ -> bad "a record"
let profile = list nat
let rec table x = match value x with
  | Name "all_zero" -> Val (whole Big.zero) | Name "all_one" -> Val (whole Big.one)
  | App [Name "Val"; c] -> Val (rational c) | App [Name "Axis"; l] -> Axis (list table l) | App [Name "Same"; y] -> Same (table y)
  | _ -> bad "a table"
let at_profile x = match value x with
  | App [Name "look"; y] -> look (table y) | Fun (Num c) -> (fun _ -> c) | _ -> bad "a function of profiles"
let indexed x = match value x with
  | App [Name "pick"; l] -> pick (list table l)
  | Fun (Num c) -> (fun _ _ -> c)
  | Fun y -> let f = at_profile y in fun _ -> f
  | _ -> bad "a function of a number and a profile"
let tables x = match value x with App [Name "pick2"; l] -> pick2 (list (list table) l) | _ -> bad "tables"
let numbers x = match value x with App [Name "index"; l] -> index (tables l) | _ -> bad "numbers of payoffs"
let between x = list (list (fun y -> match value y with Tuple [a; b] -> (rational a, rational b) | _ -> bad "two ends")) x
let doubly x = match value x with
  | App [Name "from_below"; l; n] -> from_below (between l) (numbers n) | x -> tables x
let environment x = { sizes = profile (field x "sizes"); num_outcomes = nat (field x "num_outcomes"); u = doubly (field x "u");
  weight = indexed (field x "weight"); prior = at_profile (field x "prior"); outside = indexed (field x "outside") }
let rec chosen cases key = match cases with
  | [] -> bad "no case" | (p, x) :: l ->
      if List.for_all2 (fun a k -> match a with Name "_" -> true | Num n -> Big.equal n.qnum (Big.of_int k) | _ -> false)
           (if p = [Name "_"] then List.map (fun _ -> Name "_") key else p) key then x else chosen l key
let matched x = match value x with Match cases -> chosen cases | _ -> bad "a match"
let limits x = match value x with
  | Name "unlimited" -> unlimited
  | Match cases -> fun i theta -> (match chosen cases [i] with
      | Name "None" -> None | App [Name "Some"; App (Name "look" :: y :: _)] -> Some (look (table y) theta)
      | App [Name "Some"; c] -> Some (rational c) | _ -> bad "a limit")
  | _ -> bad "limits"
let triple x = match value x with Tuple [y; a; theta] -> ((rational y, nat a), profile theta) | _ -> bad "an entry"
let linear x = { on_chances = list triple (field x "on_chances"); on_transfers = list triple (field x "on_transfers");
  is_equality = bool (field x "is_equality"); bound_below = rational (field x "bound_below") }
let name x = match value x with Name w -> w | _ -> bad "a name"
let deep f x = list (list (list f)) x
let told x = match value x with App [Name "flags"; l] -> flags (deep bool l) | _ -> bad "which lies are possible"
let tolerated x = match value x with App [Name "gains"; l] -> gains (deep rational l) | _ -> bad "what lies may gain"
let rows x = match value x with
  | App [Name "among"; v; l; a; own] -> among (environment v) (told l) (tolerated a) (list linear own)
  | App [Name "ex_post_among"; v; l; a; own] -> ex_post_among (environment v) (told l) (tolerated a) (list linear own)
  | own -> list linear own
let design x = {
  ic = (match name (field x "ic") with "BayesianIC" -> BayesianIC | "ExPostIC" -> ExPostIC | "NoIC" -> NoIC | w -> bad w);
  ir = (match name (field x "ir") with "InterimIR" -> InterimIR | "InterimIRBinds" -> InterimIRBinds | "ExPostIR" -> ExPostIR
    | "NoIR" -> NoIR | w -> bad w);
  bb = (match name (field x "bb") with "ExPostBB" -> ExPostBB | "ExPostWeakBB" -> ExPostWeakBB | "ExAnteBB" -> ExAnteBB
    | "ExAnteWeakBB" -> ExAnteWeakBB | "NoBB" -> NoBB | w -> bad w);
  allocation = (match value (field x "allocation") with Name "Chosen" -> Chosen | Name "Efficient" -> Efficient
    | App [Name "Given"; g] -> Given (indexed g) | _ -> bad "an allocation rule");
  low = limits (field x "low"); high = limits (field x "high"); own = rows (field x "own") }
let rec objective x = match value x with
  | Name "Revenue" -> Revenue | Name "Surplus" -> Surplus
  | App [Name "Linear"; q; t] -> Linear (indexed q, indexed t)
  | App [Name "WeightedInterim"; w] -> let f = matched w in WeightedInterim (fun i k -> rational (f [i; k]))
  | App [Name "Less"; o] -> Less (objective o) | _ -> bad "an objective"
let requirement x = match value x with
  | App [Name ("IC" | "ic_row"); i; k; r] -> IC (nat i, nat k, nat r) | App [Name "ICat"; i; th; r] -> ICat (nat i, profile th, nat r)
  | App [Name ("IR" | "ir_row"); i; k] -> IR (nat i, nat k) | App [Name "IRat"; i; th] -> IRat (nat i, profile th)
  | Name "BB" -> BB | App [Name "BBat"; th] -> BBat (profile th) | App [Name "Own"; k] -> Own (nat k) | _ -> bad "a requirement"
let pair f g x = match value x with Tuple [a; b] -> (f a, g b) | _ -> bad "a pair"
let certificate = list (pair rational requirement)
let arow x = match value x with
  | App [Name "Truth"; d; e; i; k] -> Truth (nat d, nat e, nat i, nat k) | App [Name "Lie"; d; e] -> Lie (nat d, nat e)
  | App [Name "Part"; i; k] -> Part (nat i, nat k) | App [Name "Under"; d; x] -> Under (nat d, requirement x)
  | App [Name "SameValue"; d] -> SameValue (nat d) | _ -> bad "a row"
let lie x = match value x with Tuple [i; k; r] -> ((nat i, nat k), nat r) | _ -> bad "a lie"
let mechanism = pair indexed indexed
let announced x = match value x with
  | App [Name "OneAllocation"; q; l] -> OneAllocation (indexed q, list indexed l)
  | App [Name "Each"; l] -> Each (list mechanism l) | _ -> bad "rules"
let rec cases leaf x = match value x with
  | App [Name "Leaf"; y] -> Leaf (leaf y) | App [Name "Impossible"; th] -> Impossible (profile th)
  | App [Name "Split"; a; th; yes; no] -> Split (nat a, profile th, cases leaf yes, cases leaf no) | _ -> bad "cases"
let leaf x = match value x with
  | App [Name "Refutes"; c] -> Refutes (certificate c) | App [Name "Bounds"; c] -> Bounds (certificate c) | _ -> bad "a leaf"
let worst x = match value x with App [Name "Refuted"; c] -> Refuted (certificate c)
  | App [Name "Worst"; p; z; c] -> Worst (table p, list rational z, certificate c) | _ -> bad "a leaf"
let row x = { on_profiles = list (pair profile rational) (field x "on_profiles");
  on_others = list (pair nat rational) (field x "on_others");
  compared = (match name (field x "compared") with "AtLeast" -> AtLeast | "AtMost" -> AtMost | "Equals" -> Equals | w -> bad w);
  right_side = rational (field x "right_side") }
let sets x = let f = matched x in fun i k -> (match value (f [i; k]) with List l -> List.map at_profile l | _ -> bad "beliefs")
let attitude x = match name x with
  | "WorstBelief" -> WorstBelief | "EveryBelief" -> EveryBelief | "GreatestRegret" -> GreatestRegret | w -> bad w
let brow x = match value x with
  | App [Name "AtTruth"; w; i; k] -> AtTruth (nat w, nat i, nat k) | App [Name "AtLie"; i; k; r] -> AtLie (nat i, nat k, nat r)
  | App [Name "AtOpenLie"; i; k; r] -> AtOpenLie (nat i, nat k, nat r) | App [Name "AtPart"; i; k] -> AtPart (nat i, nat k)
  | App [Name "TruthUnder"; w; i; k; r] -> TruthUnder (nat w, nat i, nat k, nat r)
  | App [Name "PartUnder"; w; i; k] -> PartUnder (nat w, nat i, nat k) | App [Name "Plain"; x] -> Plain (requirement x)
  | _ -> bad "a row"
let rec sights x = let rows = list (pair rational brow) in match value x with
  | App [Name "Contradiction"; c] -> Contradiction (rows c) | App [Name "Limit"; c] -> Limit (rows c)
  | App [Name "WorstPrior"; p; z; c] -> WorstPrior (table p, list rational z, rows c)
  | App [Name "Seen"; i; k; r; l] -> Seen (nat i, nat k, nat r, list sights l) | _ -> bad "cases of beliefs"
let rec branches x = match value x with
  | App [Name "Rest"; t] -> Rest (sights t) | App [Name "NoneLeft"; th] -> NoneLeft (profile th)
  | App [Name "Used"; a; th; yes; no] -> Used (nat a, profile th, branches yes, branches no)
  | App [Name "SeenAs"; i; k; r; l] -> SeenAs (nat i, nat k, nat r, list branches l) | _ -> bad "cases of outcomes and beliefs"
let by_agent x = match value x with App [Name "actions_of"; l] -> actions_of (list nat l) | _ -> bad "numbers by agent"
let by_outcome x = match value x with App [Name "recommended"; l] -> recommended (list (list nat) l) | _ -> bad "what outcomes recommend"
let by_action x = match value x with App [Name "carried_out"; l] -> carried_out (list (list (list nat)) l) | _ -> bad "what comes of actions"
let actions x = { num_actions = by_agent (field x "num_actions"); recommends = by_outcome (field x "recommends");
  instead = by_action (field x "instead") }
let obeying x = match value x with
  | Name "Known" -> Known | Name "Expected" -> Expected | Name "ExPost" -> ExPost
  | App [Name "UnderBeliefs"; b; ir] -> UnderBeliefs (sets b, bool ir) | _ -> bad "whom to obey"
let deviation x = match value x with
  | App [Name "Interim"; i; k; r; p] -> Interim (nat i, nat k, nat r, list nat p)
  | App [Name "AtProfile"; i; th; r; p] -> AtProfile (nat i, profile th, nat r, list nat p)
  | App [Name "UnderBelief"; w; i; k; r; p] -> UnderBelief (nat w, nat i, nat k, nat r, list nat p)
  | App [Name "StayOut"; w; i; k] -> StayOut (nat w, nat i, nat k) | _ -> bad "a deviation"
let point = list rational
let changes = list (pair doubly indexed)
let end_of = pair point indexed
let numbered x = match value x with App [Name "nth_of"; l] -> nth_of (list rational l) | _ -> bad "a list by number"
let twice x = match value x with App [Name "nth_in"; l] -> nth_in (list (list rational) l) | _ -> bad "lists by number"
let by_trader x = match value x with App [Name "both"; s; b] -> both (at_profile s) (at_profile b) | _ -> bad "a function for each trader"
let market x = { costs = list rational (field x "costs"); values = list rational (field x "values"); prices = list rational (field x "prices");
  power = rational (field x "power"); odds = at_profile (field x "odds"); seller_weight = at_profile (field x "seller_weight");
  buyer_weight = at_profile (field x "buyer_weight") }
let bidders x = { copies = nat (field x "copies"); type_count = nat (field x "type_count"); grade_count = nat (field x "grade_count");
  worth_of = twice (field x "worth_of"); likely = numbered (field x "likely") }
let aim x = match value x with
  | Name "Earns" -> Earns | Name "Creates" -> Creates | App [Name "Forms"; q; t] -> Forms (twice q, numbered t) | _ -> bad "an objective"
let multiplied x = match value x with Tuple [s; r; y] -> ((nat s, nat r), rational y) | _ -> bad "a multiplier"

(* -- what each lemma of the library asks of the checker ------------------------------------------------ *)
let e x = environment x
let applied l = match l with
  | [Name "sane"] -> let v = e (Name (if Hashtbl.mem defined "base" then "base" else "env")) in beliefs_fine v && distribution_fine v v.prior
  | [Name "beliefs_are"] -> beliefs_fine (e (Name (if Hashtbl.mem defined "base" then "base" else "env")))
  | [Name "sets_fine_sound"] -> sets_fine (e (Name "env")) (sets (Name "beliefs"))
  | [Name "refuted"; v; d; c; _; _] -> refutes (e v) (design d) (certificate c)
  | [Name "exists_such"; v; d; m; _; _] -> passes (e v) (design d) (mechanism m)
  | [Name "reached"; v; d; o; _; _; _; x; m] -> attains (e v) (design d) (mechanism m) (objective o) (rational x)
  | [Name ("at_most" | "at_least"); v; d; o; _; _; _; x; c] -> bounds (e v) (design d) (objective o) (rational x) (certificate c)
  | [Name "one_certain"; v; d; _; _; m] -> let v = e v and m = mechanism m in passes v (design d) m && certain v m
  | [Name "certain_reached"; v; d; o; _; _; _; x; m] ->
      let v = e v and m = mechanism m in attains v (design d) m (objective o) (rational x) && certain v m
  | [Name "none_by_cases"; v; d; _; _; _; t] ->
      let v = e v in every_case v (leaf_refutes v (design d)) everything (cases certificate t)
  | [Name ("at_most_by_cases" | "at_least_by_cases"); v; d; o; _; _; _; _; x; t] ->
      let v = e v in every_case v (leaf_fine v (design d) (objective o) (rational x)) everything (cases leaf t)
  | [Name ("one_guarantees" | "one_certain_guarantees" as w); v; d; r; o; _; _; _; x; _; _; m; total; prices] ->
      let v = e v and m = mechanism m in
      passes v (design d) m && (w = "one_guarantees" || certain v m) &&
      guarantees v (list row r) (objective o) m (rational x) (rational total) (list rational prices)
  | [Name "none_guarantees_more"; v; d; r; o; _; _; _; x; _; _; p; z; c] ->
      none_under (e v) (list row r) (design d) (objective o) (rational x) (at_profile p) (list rational z) (certificate c)
  | [Name "none_guarantees_more_by_cases"; v; d; r; o; _; _; _; x; _; _; t] ->
      let v = e v in
      every_case v (worst_leaf_fine v (list row r) (design d) (objective o) (rational x)) everything (cases worst t)
  | [Name "one_faces"; v; d; b; a; ir; _; _; m] ->
      let v = e v and m = mechanism m in passes v (design d) m && all_face v (sets b) (attitude a) (bool ir) m
  | [Name "none_faces"; v; d; b; a; ir; _; _; t] ->
      every_case_seen (e v) (design d) (sets b) (attitude a) (bool ir) Nothing (sights t)
  | [Name "faces_reached"; v; d; b; a; ir; o; _; _; _; x; m] ->
      let v = e v and m = mechanism m in
      attains v (design d) m (objective o) (rational x) && all_face v (sets b) (attitude a) (bool ir) m
  | [Name ("faces_at_most" | "faces_at_least"); v; d; b; a; ir; o; _; _; _; x; t] ->
      every_case_seen (e v) (design d) (sets b) (attitude a) (bool ir) (Worth (objective o, rational x)) (sights t)
  | [Name "one_faces_guarantees"; v; d; b; a; ir; r; o; _; _; _; x; _; _; m; total; prices] ->
      let v = e v and m = mechanism m in
      passes v (design d) m && all_face v (sets b) (attitude a) (bool ir) m &&
      guarantees v (list row r) (objective o) m (rational x) (rational total) (list rational prices)
  | [Name "none_faces_more"; v; d; b; a; ir; r; o; _; _; _; x; _; _; t] ->
      every_case_seen (e v) (design d) (sets b) (attitude a) (bool ir) (Guaranteed (list row r, objective o, rational x)) (sights t)
  | [Name "one_certain_faces"; v; d; b; a; ir; _; _; m] ->
      let v = e v and m = mechanism m in passes v (design d) m && all_face v (sets b) (attitude a) (bool ir) m && certain v m
  | [Name "none_certain_faces"; v; d; b; a; ir; _; _; _; t] ->
      certain_cases (e v) (design d) (sets b) (attitude a) (bool ir) Nothing (branches t)
  | [Name "certain_faces_reached"; v; d; b; a; ir; o; _; _; _; x; m] ->
      let v = e v and m = mechanism m in
      attains v (design d) m (objective o) (rational x) && all_face v (sets b) (attitude a) (bool ir) m && certain v m
  | [Name ("certain_faces_at_most" | "certain_faces_at_least"); v; d; b; a; ir; o; _; _; _; _; x; t] ->
      certain_cases (e v) (design d) (sets b) (attitude a) (bool ir) (Worth (objective o, rational x)) (branches t)
  | [Name "actions_fine_sound"] -> actions_fine (e (Name "env")) (actions (Name "acts"))
  | [Name "none_obey"; v; d; a; n; _; l; c; _] ->
      obeying_refutes (e v) (actions a) (obeying n) (design d) (list deviation l) (certificate c)
  | [Name "one_obeys"; v; d; a; n; _; m; _] ->
      let v = e v and m = mechanism m in passes v (design d) m && all_obey v (actions a) (obeying n) m
  | [Name "obeys_reached"; v; d; a; n; o; _; _; _; x; m] ->
      let v = e v and m = mechanism m in attains v (design d) m (objective o) (rational x) && all_obey v (actions a) (obeying n) m
  | [Name "one_obeying_guarantees"; v; d; a; n; r; o; _; _; _; x; _; _; m; total; prices] ->
      let v = e v and m = mechanism m in
      passes v (design d) m && all_obey v (actions a) (obeying n) m &&
      guarantees v (list row r) (objective o) m (rational x) (rational total) (list rational prices)
  | [Name "none_obeying_guarantees"; v; d; a; n; r; o; _; _; _; x; _; _; p; z; l; c] ->
      let v = e v and a = actions a and n = obeying n and l = list deviation l in
      deviations_fine v a n l &&
      none_under v (list row r) (with_plans v a n (design d) l) (objective o) (rational x) (at_profile p) (list rational z) (certificate c)
  | [Name ("obeys_at_most" | "obeys_at_least"); v; d; a; n; o; _; _; _; x; l; c] ->
      obeying_bounds (e v) (actions a) (obeying n) (design d) (objective o) (rational x) (list deviation l) (certificate c)
  | [Name ("grows_always" | "falls_always"); v; d; o; _; _; _; m; r] -> endless (e v) (design d) (objective o) (mechanism m) (indexed r)
  | [Name ("certain_grows_always" | "certain_falls_always"); v; d; o; _; _; _; m; r] ->
      let v = e v and m = mechanism m in endless v (design d) (objective o) m (indexed r) && certain v m
  | [Name ("faces_grows_always" | "faces_falls_always"); v; d; b; a; ir; o; _; _; _; m; r] ->
      faces_endless (e v) (design d) (sets b) (attitude a) (bool ir) (objective o) (mechanism m) (indexed r)
  | [Name ("reached_by" | "better_by" | "dominated_by" as w); v; d; p; _; _; m] ->
      let test = (match w with "reached_by" -> it_gives | "better_by" -> it_is_better | _ -> it_dominates) in
      test (e v) (design d) (twice p) (mechanism m)
  | [Name ("never_reached" | "never_better" | "never_dominated" as w); v; d; p; _; _; l; h; c] ->
      let test = (match w with "never_reached" -> out_of_reach | "never_better" -> none_better | _ -> none_dominates) in
      test (e v) (design d) (twice p) (twice l) (rational h) (certificate c)
  | [Name "some_within"; v; l; d; _; _; _; f; paid; _] -> served (e v) (changes l) (design d) (indexed f) (list end_of paid)
  | [Name "worth_within"; v; l; d; _; _; _; o; _; _; line; f; paid; _] ->
      worth_line (e v) (changes l) (design d) (indexed f) (list end_of paid) (objective o) (point line)
  | [Name "line_of_none"; v; l; d; _; _; _; corners; strict; line; c; _] ->
      under_line (e v) (changes l) (design d) (list point corners) (list point strict) None (point line) (certificate c)
  | [Name "line_of_worth"; v; l; d; _; _; _; o; _; _; corners; strict; line; c; _] ->
      under_line (e v) (changes l) (design d) (list point corners) (list point strict) (Some (objective o)) (point line) (certificate c)
  | [Name "ambiguous_refuted"; v; d; al; ir; _; _; ls; c] ->
      ambiguous_refutes (e v) (design d) (rational al) (bool ir) (list lie ls) (list (pair rational arow) c)
  | [Name "ambiguous_exists"; v; d; al; ir; _; _; f] -> ambiguous_passes (e v) (design d) (rational al) (bool ir) (announced f)
  | [Name "ambiguous_reached"; v; d; al; ir; o; _; _; _; x; f] ->
      ambiguous_attains (e v) (design d) (rational al) (bool ir) (objective o) (rational x) (announced f)
  | [Name ("ambiguous_at_most" | "ambiguous_at_least"); v; d; al; ir; o; _; _; _; x; ls; c] ->
      ambiguous_bounds (e v) (design d) (rational al) (bool ir) (objective o) (rational x) (list lie ls) (list (pair rational arow) c)
  | [Name ("ambiguous_grows_always" | "ambiguous_falls_always"); v; d; al; ir; o; _; _; _; f; l] ->
      ambiguous_endless (e v) (design d) (rational al) (bool ir) (objective o) (announced f) (list indexed l)
  | [Name "none_whatever"; v; l; n; d; _; _; c] -> enclosed_refutes (e v) (between l) (numbers n) (design d) (certificate c)
  | [Name "one_whatever"; v; l; n; d; _; _; m] -> enclosed_passes (e v) (between l) (numbers n) (design d) (mechanism m)
  | [Name "whatever_reached"; v; l; n; d; o; _; _; _; x; m] ->
      enclosed_attains (e v) (between l) (numbers n) (design d) (mechanism m) (objective o) (rational x)
  | [Name ("whatever_at_most" | "whatever_at_least"); v; l; n; d; o; _; _; _; x; c] ->
      of_no_payoff (objective o) && enclosed_bounds (e v) (between l) (numbers n) (design d) (objective o) (rational x) (certificate c)
  | [Name "assured"; v; l; n; d; o; _; _; _; x; m] ->
      enclosed_assures (e v) (between l) (numbers n) (design d) (mechanism m) (objective o) (rational x)
  | [Name "never_more"; v; l; n; d; o; _; _; _; x; c] ->
      enclosed_bounds (e v) (between l) (numbers n) (design d) (objective o) (rational x) (certificate c)
  | [Name "market_fine_sound"] -> market_fine (market (Name "traders"))
  | [Name "given_fulfils"; k; _; _; f] -> let k = market k in market_fine k && lottery_fine k (numbered f)
  | [Name "one_worth"; k; _; _; x; _; f; low] -> welfare_at_least (market k) (numbered f) (by_trader low) (rational x)
  | [Name "none_worth_more"; k; _; _; x; _; p; t; s] -> welfare_at_most (market k) (by_trader p) (by_trader t) (rational s) (rational x)
  | [Name "likely_fine_sound"] -> likely_fine (bidders (Name "auction"))
  | [Name "a_rule"; b; _; _; m; l] -> rule_fine (bidders b) (pair twice numbered m) (list nat l)
  | [Name "a_rule_worth"; b; o; _; _; _; m; l; x; _] ->
      rule_amounts (bidders b) (pair twice numbered m) (aim o) (rational x) (list nat l)
  | [Name "no_rule_worth_more"; b; o; _; _; _; x; y; l; _] ->
      amount_at_most (bidders b) (aim o) (rational x) (list multiplied y) (list (pair nat rational) l)
  | Name w :: _ -> bad ("a lemma that this checker does not know: " ^ w)
  | _ -> bad "a proof that cannot be read"

let () =
  let shown = ref [] and ok = ref true and count = ref 0 in
  let rec go () = match !rest with
    | [] -> ()
    | Word "Definition" :: Word w :: l when w <> "asks" && w <> "each" && (w <> "env" || not (Hashtbl.mem defined "base")) ->
        rest := l;
        while peek () <> Sign ":=" do ignore (next ()) done;
        ignore (next ());
        Hashtbl.replace defined w (term ()); go ()
    | Word "Theorem" :: Word w :: l -> shown := w :: !shown; rest := l; go ()
    | Word "Proof" :: Sign "." :: Word ("same_question" | "same_beliefs" | "same_obedience" | "same_ambiguous" | "same_whatever") :: l -> rest := l; go ()
    | Word "apply" :: Word "same" :: l -> rest := l; go ()
    | Word "apply" :: l when (match l with Word _ :: _ | Sign "(" :: _ -> true | _ -> false) ->
        rest := l;
        let x = atom () in
        incr count;
        if not (applied (match x with App l -> l | x -> [x])) then ok := false;
        go ()
    | _ :: l -> rest := l; go () in
  match go () with
  | () when !ok && !count > 0 ->
      Printf.printf "accepted: %s (%d evaluations)\n" (String.concat ", " (List.rev !shown)) !count
  | () -> print_endline "REFUSED"; exit 1
  | exception Bad s -> Printf.printf "REFUSED: %s\n" s; exit 1
