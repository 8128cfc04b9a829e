package archtest

const miniredis = "github.com/alicebob/miniredis"

// The table of DESIGN.md, floor by floor: each room, and whom it may know.
var rooms = map[string][]string{
	"tasks/ledger":    nil,
	"tasks/budget":    nil,
	"tasks/blobs":     nil,
	"tasks/directory": nil,
	"tasks/redact":    nil,

	"tasks":  append([]string{"internal/schema"}, stores...),
	"mailer": nil,

	"tasks/delivery":    append([]string{"tasks", "mailer"}, stores...),
	"tasks/jobs":        append([]string{"tasks"}, stores...),
	"tasks/sweeper":     append([]string{"tasks"}, stores...),
	"tasks/admin":       append([]string{"tasks", "mailer"}, stores...),
	"mailer/templates":  append([]string{"mailer", "internal/schema"}, steps...),
	"mailer/gmail":      {"mailer"},
	"mailer/accounts":   {"mailer"},
	"mailer/mailertest": {"mailer"},

	"mailer/templates/preview":  {"mailer"},
	"tasks/admin/pages":         {"mailer"},
	"mailer/templates/actions":  nil,
	"mailer/templates/assemble": {"mailer/templates/actions"},
	"mailer/templates/cldr":     nil,
	"mailer/templates/images":   {"mailer", "mailer/templates/actions"},
	"mailer/templates/inline":   nil,
	"mailer/templates/markdown": {"mailer/templates/actions"},
	"mailer/templates/matter":   {"internal/schema"},
	"mailer/templates/plain":    nil,

	"internal/cldrgen": {"mailer/templates/cldr"}, // It writes that room's tables.
}

// steps are what mailer/templates does to a source, one after another. They are
// its own: nobody else knows them.
var steps = []string{
	"mailer/templates/actions", "mailer/templates/assemble", "mailer/templates/cldr", "mailer/templates/images",
	"mailer/templates/inline", "mailer/templates/markdown", "mailer/templates/matter", "mailer/templates/plain",
}

// stores are the rooms that know IDs, states and bytes, and nothing of mail.
var stores = []string{"tasks/ledger", "tasks/budget", "tasks/blobs", "tasks/directory", "tasks/redact"}

// onlyForTests are rooms that no binary for users may hold.
var onlyForTests = map[string]bool{
	"internal/browsertest": true,
	"internal/oidctest":    true,
	"internal/othermails":  true,
	"internal/redistest":   true,
	"mailer/mailertest":    true,
}

// linksNoSDK are the rooms that every app links.
var linksNoSDK = map[string]bool{
	"tasks":       true,
	"cmd/enqueue": true,
}

// sdk is where the Google SDK comes from.
var sdk = []string{"google.golang.org/api", "cloud.google.com/go", "golang.org/x/oauth2"}
