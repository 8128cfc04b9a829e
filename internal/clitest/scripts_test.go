package clitest_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestScripts(t *testing.T) {
	t.Parallel()
	bin := build(t)
	scripts, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	browserScripts, browserVerbs := inBrowser(t)
	params := testscript.Params{
		Files:               append(scripts, browserScripts...),
		Setup:               func(env *testscript.Env) error { return setUp(env, bin) },
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "eventually": eventually, "start": start, "await": await, "signal": signal, "ended": ended,
			"names": names, "http": get, "website": website, "taken": taken, "free": free,
			"gmail": gmailFaults, "gmail-revoke": gmailRevoke, "gmail-accepted": gmailAccepted, "gmail-total": gmailTotal, "gmail-asked": gmailAsked,
			"gmail-token": gmailToken, "gmail-restore": gmailRestore, "gmail-scopes": gmailScopes, "gmail-account": gmailAccount, "gmail-file": gmailFile, "owner": owner, "consent": consent,
			"key": newKey, "types": types,
			"agree": agree, "state": awaitState,
			"redis": redisDo, "redis-away": redisAway, "redis-back": redisBack,
			"redis-sentinel": redisSentinel, "redis-cluster": redisCluster, "redis-fail-over": redisFailOver,
		},
	}
	maps.Copy(params.Cmds, browserVerbs)
	testscript.Run(t, params)
}

// build makes both commands, as `make build` does, and returns their folder.
func build(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	args := []string{"build", "-buildvcs=false", "-ldflags", "-X main.version=1.2.3-test", "-o", bin + string(filepath.Separator)}
	if raceDetector {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, "github.com/postroom/postroom/cmd/worker", "github.com/postroom/postroom/cmd/enqueue")...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("go build: %v", err)
	}
	return bin
}
