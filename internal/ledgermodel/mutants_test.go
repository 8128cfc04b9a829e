package ledgermodel_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// mutants are the scripts with one rule broken. The model has to find each out.
//
// The last field is the scenario that finds it soon; empty where any does.
//
// Not among them are changes that break no promise: without its history, or the
// times that are only shown (next, left, updated of open mail), a record says
// less to people; a claim that keeps "account" or not is about bytes; and a
// Begin that does not remove "next" leaves a time in the record that has passed.
var mutants = []struct{ name, file, from, to, in string }{
	{"a live claim keeps nobody out", "begin.lua", "  if now < deadline then return {0, state, deadline, attempts} end\n", "", ""},
	{"a claim is anybody's", "begin.lua", "if state == 'sending' and token == ARGV[1] then", "if state == 'sending' then", ""},
	{"a claim repeated has no new deadline", "begin.lua", "  deadline = now + ARGV[2]\n  redis.call('HSET', record, 'deadline', deadline)\n", "", ""},
	{"nobody waits for a last word", "begin.lua", "  if now < called then return {0, state, called, attempts} end\n", "", ""},
	{"a call for a last word holds for ever", "begin.lua", "if now > called + ARGV[7] then", "if called == 0 then", ""},
	{"hold is resent", "begin.lua", "ARGV[4] ~= '1' or had[4]", "had[4]", ""},
	{"a dead attempt's mail is resent again and again", "begin.lua", "or had[4] or attempts", "or attempts", dies},
	{"resending is not remembered of a dead attempt", "begin.lua", "  redis.call('HSET', record, 'resent', 1)\n", "", ""},
	{"a dead attempt is not the last", "begin.lua", " or attempts >= tonumber(ARGV[6])", "", looksUp},
	{"a dead attempt does not count", "begin.lua", "redis.call('HINCRBY', record, 'attempts', 1)", "attempts", ""},
	{"what could be looked up is resent", "begin.lua", "if ARGV[8] == '1' or ", "if ", looksUp},
	{"a mail with an outcome is claimed", "begin.lua", "elseif not is_open(state) then", "elseif not state then", ""},
	{"a mail without a record is claimed", "begin.lua", "elseif not is_open(state) then", "elseif state and not is_open(state) then", ""},
	{"sent is not taken over another's claim", "finish.lua", "if to == 'sent' then\n  -- The", "if to == 'sent' and mine then\n  -- The", ""},
	{"a second Gmail ID replaces the first", "finish.lua", "  if state == 'sent' then\n", "  if false then\n", ""},
	{"a late end is taken", "finish.lua", "elseif state and not mine and (", "elseif state and false and (", ""},
	{"an outcome is overwritten", "finish.lua", "elseif state and state ~= 'sending' and not is_open(state) then", "elseif false then", ""},
	{"a repeated end counts again", "finish.lua", "  if mine and state ~= 'sending' and state ~= 'waiting' then return {1, state} end\n", "", ""},
	{"resending is not remembered", "finish.lua", "    set('resent', 1)\n", "", ""},
	{"an unknown outcome is resent again and again", "finish.lua", "elseif ARGV[9] == '1' and not resent then", "elseif ARGV[9] == '1' then", ""},
	{"a late sent counts twice", "finish.lua", "used and mine and state == 'sending'", "used", dies},
	{"what a dead attempt may have sent has failed", "finish.lua", "to, lifetime, used, why = 'unknown', ARGV[15]", "to, lifetime, used, why = to, ARGV[15]", stops},
	{"a wish outlives the mail's outcome", "finish.lua", "if not is_open(to) then gone[#gone + 1] = 'requeue' end\n", "", ""},
	{"what is kept of sent mail stays", "finish.lua", "  if had[8] or state == 'failed' or state == 'unknown' then let_go() end\n", "", ""},
	{"what is being sent is cancelled", "cancel.lua", "if not is_open(state) then", "if not is_open(state) and state ~= 'sending' then", ""},
	{"what was sent is cancelled", "cancel.lua", "if not is_open(state) then", "if not is_open(state) and state ~= 'sent' then", ""},
	{"unknown mail is reopened unasked", "reopen.lua", "not (state == 'unknown' and ARGV[1] == '1')", "state ~= 'unknown'", ""},
	{"a new round forgets what Gmail may have", "reopen.lua", "if state == 'unknown' then redis", "if true then redis", newRounds},
	{"cancelled mail is reopened", "reopen.lua", "if state ~= 'failed' and", "if state ~= 'failed' and state ~= 'cancelled' and", ""},
	{"an ID is another mail's", "reserve.lua", "  if had[3] and had[3] ~= ARGV[2] then return {-1, had[1], had[2]} end\n", "", ""},
	{"any mail is reserved anew", "reserve.lua", "  if not had[5] then return {0, had[1], had[2], had[4] or ''} end\n", "", ""},
	{"a sent mail is settled as failed", "settle.lua", "if state ~= 'failed' and state ~= 'unknown' then", "if is_open(state) or state == 'sending' then", ""},
	{"a mail is lost in a moment", "lose.lua", "< tonumber(ARGV[1]) then", "< 0 then", noTask},
	{"what was being sent has failed when it is lost", "lose.lua", "  to, why = 'unknown', ARGV[3]\n", "", ""},
	{"what is sent is kept", "keep.lua", "if had[2] or had[1] ~= 'failed' and had[1] ~= 'unknown' then return 0 end\n", "", ""},
	{"one look counts as two", "looked.lua", "if ARGV[8] ~= '' and had[7] == ARGV[8] then", "if false then", looksUp},
	{"looks in one moment decide", "looked.lua", " and at - since >= tonumber(ARGV[5])", "", looksUp},
	{"a look counts when it is written down", "looked.lua", "local at = now - ARGV[9]\n", "local at = now\n", looksUp},
	{"who looked resends again and again", "looked.lua", "or had[5] or attempts", "or attempts", looksFail},
	{"hold is resent after a look", "looked.lua", "if ARGV[2] ~= '1' or ", "if ", ""},
	{"a settled record has no end", "shared.lua", "  redis.call('PEXPIRE', record, lifetime)\n", "", ""},
	{"what is kept has no end", "shared.lua", "  if state ~= 'sent' then redis.call('PEXPIRE', kept, lifetime) end\n", "", ""},
	{"settled mail stays in the index", "shared.lua", "  redis.call('ZREM', open_index, id)\n", "", ""},
	{"failed mail is in no index", "shared.lua", "  if state == 'failed' or state == 'unknown' then\n", "  if false then\n", ""},
	{"reopened mail is in no index", "shared.lua", "  redis.call('ZADD', open_index, now, id)\n", "", ""},
	{"an open record has an end", "shared.lua", "  redis.call('PERSIST', record)\n", "", ""},
}

// TestMutants breaks one rule after the other in the scripts that ship, and
// expects the model to find it out.
func TestMutants(t *testing.T) {
	t.Parallel()
	shared := script(t, "shared.lua")
	for _, mutant := range mutants {
		t.Run(mutant.name, func(t *testing.T) {
			t.Parallel()
			source := script(t, mutant.file)
			if n := strings.Count(source, mutant.from); n != 1 {
				t.Fatalf("%s has %q %d times, want once", mutant.file, mutant.from, n)
			}
			altered := 0
			alter := func(s string) string {
				if mutant.file != "shared.lua" && s != shared+source {
					return s
				}
				altered++
				return strings.Replace(s, mutant.from, mutant.to, 1)
			}
			violation := findOut(newStage(t, alter), mutant.in)
			if violation == nil {
				t.Fatalf("nothing was found; the script ran %d times", altered)
			}
			first, _, _ := strings.Cut(violation.Error(), "\n")
			t.Log(first)
		})
	}
}

// findOut explores the scenario in, or a little of each and then more, until one
// ends in a violation.
func findOut(s *stage, in string) error {
	for _, most := range []int{300, 3000, 30_000, mostWorlds} {
		for _, scenario := range usual {
			if in != "" && scenario.name != in {
				continue
			}
			for _, resend := range []bool{true, false} {
				m := newModel(s, rules{resend: resend, canLookUp: scenario.canLookUp, left: scenario.left})
				if f := m.explore(most); f.violation != nil {
					return f.violation
				}
			}
		}
	}
	return nil
}

// script is a source of the ledger's.
func script(t *testing.T, file string) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "tasks", "ledger", file))
	if err != nil {
		t.Fatal(err)
	}
	return string(source)
}
