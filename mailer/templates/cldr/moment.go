package cldr

import (
	"errors"
	"regexp"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // A static binary in an empty image has no zones but these.
)

// Moment is a day, or a point in time with the place where it is told.
type Moment struct {
	at     time.Time
	isTime bool
}

var (
	errMoment = errors.New("is neither a date such as 2026-11-22 nor a time with its offset such as 2026-11-22T15:04:05Z")
	errZone   = errors.New("is no time zone such as Europe/Berlin or UTC")
)

// ParseMoment reads a date or a time of RFC 3339, JSON Schema's "date" and
// "date-time".
func ParseMoment(s string) (Moment, error) {
	if day, err := time.Parse(time.DateOnly, s); err == nil && day.Year() > 0 {
		return Moment{day, false}, nil
	}
	at, err := time.Parse(time.RFC3339, strings.ToUpper(s))
	if err != nil || at.Year() < 1 {
		return Moment{}, errMoment
	}
	return Moment{at, true}, nil
}

// IsTime reports whether it is more than a day.
func (m Moment) IsTime() bool { return m.isTime }

// In is the moment as the zone's clocks tell it. A day stays the day.
func (m Moment) In(zone *time.Location) Moment {
	if m.isTime {
		m.at = m.at.In(zone)
	}
	return m
}

// zonePattern is a name of the time zone database. Nothing else reaches its files.
var zonePattern = regexp.MustCompile(`^[A-Z][A-Za-z0-9_+-]*(?:/[A-Z][A-Za-z0-9_+-]*){0,2}$`)

// zones are those that were asked for: no more than there are.
var zones sync.Map //nolint:gochecknoglobals // What files say, kept.

// Zone finds a time zone by its name in the time zone database.
func Zone(name string) (*time.Location, error) {
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil //nolint:errcheck,forcetypeassert // Nothing else is in there.
	}
	if name == "Local" || !zonePattern.MatchString(name) {
		return nil, errZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, errZone
	}
	zones.Store(name, zone)
	return zone, nil
}
