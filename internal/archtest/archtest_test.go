package archtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/internal/archtest"
)

func TestRoomsAreApart(t *testing.T) {
	t.Parallel()
	packages := list(t)
	want := append(folders(t), archtest.Module+"/tasks", archtest.Module+"/cmd/enqueue") // Those that link no SDK.
	for _, folder := range want {
		if !slices.ContainsFunc(packages, func(p archtest.Package) bool { return p.Path == folder }) {
			t.Errorf("go list did not find %s", folder)
		}
	}
	for _, v := range archtest.Check(packages) {
		t.Error(v)
	}
}

// listed is what `go list -json` says of a package.
type listed struct {
	Dir            string   `json:"Dir"`
	ImportPath     string   `json:"ImportPath"`
	GoFiles        []string `json:"GoFiles"`
	IgnoredGoFiles []string `json:"IgnoredGoFiles"`
	Deps           []string `json:"Deps"`
}

// list reads all packages of the module. Files for other systems and tags
// count too.
func list(t *testing.T) []archtest.Package {
	t.Helper()
	// -e: a package that does not compile is for the compiler to report.
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-json=Dir,ImportPath,GoFiles,IgnoredGoFiles,Deps", archtest.Module+"/...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	var packages []archtest.Package
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var l listed
		err := decoder.Decode(&l)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		p := archtest.Package{Path: l.ImportPath, Deps: l.Deps}
		for _, name := range append(l.GoFiles, l.IgnoredGoFiles...) {
			if !strings.HasSuffix(name, "_test.go") {
				p.Files = append(p.Files, archtest.File{Name: name, Imports: imports(t, filepath.Join(l.Dir, name))})
			}
		}
		packages = append(packages, p)
	}
}

// folders returns the import paths of all folders with Go files. It also shows
// the go command which folders this test depends on: what go list reads would
// not make a cached result stale.
func folders(t *testing.T) []string {
	t.Helper()
	var found []string
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if name := entry.Name(); path != root && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return fs.SkipDir
		}
		files, err := filepath.Glob(filepath.Join(path, "*.go"))
		if len(files) > 0 {
			found = append(found, archtest.Module+strings.TrimPrefix(filepath.ToSlash(path), "../.."))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func imports(t *testing.T, path string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	paths := make([]string, len(file.Imports))
	for i, spec := range file.Imports {
		if paths[i], err = strconv.Unquote(spec.Path.Value); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return paths
}

// The module itself must show that the reading works: a list without imports
// would break no rule.
func TestListSeesImports(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		if p.Path != archtest.Module+"/internal/redistest" {
			continue
		}
		const goRedis = "github.com/redis/go-redis/v9"
		var imported, other bool
		for _, file := range p.Files {
			other = other || file.Name == "parent_other.go" || file.Name == "parent_linux.go"
			for _, path := range file.Imports {
				imported = imported || path == goRedis
			}
		}
		if deps := strings.Join(p.Deps, " "); !imported || !other || !strings.Contains(deps, goRedis+"/internal/proto") {
			t.Errorf("internal/redistest: import seen %v, file of a system seen %v, dependencies %q", imported, other, deps)
		}
		return
	}
	t.Error("go list did not find internal/redistest")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const miniredis = "github.com/alicebob/miniredis/v2"
	for _, row := range []struct {
		name, room, file, imports string
		broken                    bool
	}{
		{"a store on a library", "tasks/blobs", "store.go", "github.com/redis/go-redis/v9", false},
		{"a store on another", "tasks/ledger", "ledger.go", "tasks/blobs", true},
		{"a store on tasks", "tasks/budget", "budget.go", "tasks", true},
		{"a store on mailer", "tasks/directory", "store.go", "mailer", true},
		{"a store on what hides addresses", "tasks/ledger", "ledger.go", "tasks/redact", true},
		{"tasks on a store", "tasks", "client.go", "tasks/ledger", false},
		{"tasks on mailer", "tasks", "client.go", "mailer", true},
		{"tasks on a floor above", "tasks", "client.go", "tasks/delivery", true},
		{"mailer on nothing of ours", "mailer", "compose.go", "net/mail", false},
		{"mailer on tasks", "mailer", "compose.go", "tasks", true},
		{"delivery on tasks", "tasks/delivery", "send.go", "tasks", false},
		{"delivery on a store", "tasks/delivery", "send.go", "tasks/budget", false},
		{"delivery on mailer's words", "tasks/delivery", "send.go", "mailer", false},
		{"delivery on templates", "tasks/delivery", "send.go", "mailer/templates", true},
		{"delivery on its neighbour", "tasks/delivery", "send.go", "tasks/admin", true},
		{"the sweeper on tasks", "tasks/sweeper", "mend.go", "tasks", false},
		{"the sweeper on a store", "tasks/sweeper", "mend.go", "tasks/ledger", false},
		{"the sweeper on its neighbour", "tasks/sweeper", "mend.go", "tasks/delivery", true},
		{"the sweeper on mailer's words", "tasks/sweeper", "mend.go", "mailer", true},
		{"jobs on mailer's words", "tasks/jobs", "feeder.go", "mailer", true},
		{"jobs on its neighbour", "tasks/jobs", "feeder.go", "tasks/delivery", true},
		{"admin on mailer's words", "tasks/admin", "server.go", "mailer", false},
		{"admin on a command", "tasks/admin", "server.go", "cmd/worker", true},
		{"gmail on mailer", "mailer/gmail", "send.go", "mailer", false},
		{"gmail on its neighbour", "mailer/gmail", "send.go", "mailer/accounts", true},
		{"gmail on the other wing", "mailer/gmail", "send.go", "tasks", true},
		{"templates on the other wing's store", "mailer/templates", "set.go", "tasks/blobs", true},
		{"templates on a step of its own", "mailer/templates", "load.go", "mailer/templates/markdown", false},
		{"a step of templates on templates", "mailer/templates/markdown", "markdown.go", "mailer/templates", true},
		{"a step of templates on actions", "mailer/templates/markdown", "markdown.go", "mailer/templates/actions", false},
		{"the producer on the preview", "cmd/enqueue", "preview.go", "mailer/templates/preview", false},
		{"the preview on a step of templates", "mailer/templates/preview", "page.go", "mailer/templates/plain", true},
		{"gmail on a step of templates", "mailer/gmail", "send.go", "mailer/templates/actions", true},
		{"the producer on a step of templates", "cmd/enqueue", "preview.go", "mailer/templates/actions", true},
		{"the worker on both wings", "cmd/worker", "run.go", "mailer/gmail", false},
		{"the worker on the other command", "cmd/worker", "run.go", "cmd/enqueue", true},
		{"the worker on a fake", "cmd/worker", "run.go", "mailer/mailertest", true},
		{"the worker on the test's Redis", "cmd/worker", "dev.go", "internal/redistest", true},
		{"the producer on templates", "cmd/enqueue", "preview.go", "mailer/templates", false},
		{"the producer on gmail", "cmd/enqueue", "send.go", "mailer/gmail", true},
		{"the producer on accounts", "cmd/enqueue", "send.go", "mailer/accounts", true},
		{"embedded Redis in dev", "cmd/worker", "dev.go", miniredis, false},
		{"embedded Redis in run", "cmd/worker", "run.go", miniredis, true},
		{"embedded Redis in a room", "tasks/delivery", "dev.go", miniredis, true},
		{"the benchmark on the fake", "internal/bench", "main.go", "mailer/mailertest", false},
		{"the benchmark on the test's Redis", "internal/bench", "main.go", "internal/redistest", false},
		{"a room that the table does not name", "tasks/extra", "extra.go", "tasks", true},
	} {
		imported := row.imports
		for _, wing := range []string{"tasks", "mailer", "cmd", "internal"} {
			if imported == wing || strings.HasPrefix(imported, wing+"/") {
				imported = archtest.Module + "/" + imported
			}
		}
		got := archtest.Check([]archtest.Package{{
			Path:  archtest.Module + "/" + row.room,
			Files: []archtest.File{{Name: row.file, Imports: []string{imported}}},
		}})
		if (len(got) == 1) != row.broken {
			t.Errorf("%s: %v, want a violation: %v", row.name, got, row.broken)
		}
	}
}

func TestCheckOfWhatIsLinked(t *testing.T) {
	t.Parallel()
	deps := []string{
		"golang.org/x/oauth2/google", "google.golang.org/api", "cloud.google.com/go/auth",
		"golang.org/x/oauth2x", "google.golang.org/protobuf", "github.com/redis/go-redis/v9",
	}
	violations := archtest.Check([]archtest.Package{
		{Path: archtest.Module + "/tasks", Deps: deps},
		{Path: archtest.Module + "/cmd/enqueue", Deps: deps[:1]},
		{Path: archtest.Module + "/cmd/worker", Deps: deps},
		{Path: archtest.Module + "/mailer/gmail", Deps: deps},
	})
	got := make([]string, len(violations))
	for i, v := range violations {
		got[i] = v.String()
	}
	want := []string{
		archtest.Module + "/cmd/enqueue must not know golang.org/x/oauth2/google: producers link no Google SDK",
		archtest.Module + "/tasks must not know cloud.google.com/go/auth: producers link no Google SDK",
		archtest.Module + "/tasks must not know golang.org/x/oauth2/google: producers link no Google SDK",
		archtest.Module + "/tasks must not know google.golang.org/api: producers link no Google SDK",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}
