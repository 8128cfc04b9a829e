package mailertest

import "time"

// defaultWindow is the day of Gmail's sending limits: any 24 hours.
const defaultWindow = 24 * time.Hour

// bucket is a token bucket: full at first, refilled evenly.
type bucket struct {
	used float64 // Units of the burst; a fresh bucket has used nothing.
	at   time.Time
}

// take uses quota units. Where there are not as many left it reports when there
// will be. The limits are in sends.
func (b *bucket) take(now time.Time, units, perMinute, burst int) (ok bool, next time.Time) {
	perSecond := float64(perMinute) * unitsOfSend / 60
	if !b.at.IsZero() {
		b.used = max(0, b.used-now.Sub(b.at).Seconds()*perSecond)
	}
	b.at = now
	over := b.used + float64(units-unitsOfSend*max(burst, 1))
	if over > 0 {
		return false, now.Add(time.Duration(over / perSecond * float64(time.Second)))
	}
	b.used += float64(units)
	return true, time.Time{}
}

// window remembers what went out in the last day.
type window struct {
	sends      []dayEntry // Oldest first.
	recipients int
}

type dayEntry struct {
	at         time.Time
	recipients int
}

// take uses one mail of the day. Where the day is used up it reports when
// enough of it has passed.
func (w *window) take(now time.Time, l Limits, recipients int) (ok bool, next time.Time) {
	length := l.Window
	if length == 0 {
		length = defaultWindow
	}
	w.forget(now.Add(-length))
	if (l.Daily > 0 && len(w.sends) >= l.Daily) || (l.DailyRecipients > 0 && w.recipients+recipients > l.DailyRecipients) {
		return false, w.room(now, l, recipients).Add(length)
	}
	w.sends = append(w.sends, dayEntry{now, recipients})
	w.recipients += recipients
	return true, time.Time{}
}

// forget drops what went out at or before start.
func (w *window) forget(start time.Time) {
	n := 0
	for n < len(w.sends) && !w.sends[n].at.After(start) {
		w.recipients -= w.sends[n].recipients
		n++
	}
	if n > 0 {
		w.sends = append(w.sends[:0], w.sends[n:]...)
	}
}

// room returns when that mail went out whose leaving the window makes room.
func (w *window) room(now time.Time, l Limits, recipients int) time.Time {
	left, used := len(w.sends), w.recipients
	for _, e := range w.sends {
		left--
		used -= e.recipients
		if (l.Daily == 0 || left < l.Daily) && (l.DailyRecipients == 0 || used+recipients <= l.DailyRecipients) {
			return e.at
		}
	}
	return now
}

// admit takes one send from the account's rate and day, or returns the answer
// that Gmail gives where there is none left.
func (a *account) admit(now time.Time, recipients int) (Fault, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if refusal, ok := a.use(now, unitsOfSend); !ok {
		return refusal, false
	}
	if l := a.Limits; l.Daily > 0 || l.DailyRecipients > 0 {
		if ok, next := a.day.take(now, l, recipients); !ok {
			return dayUsedUp(next), false
		}
	}
	return Fault{}, true
}

// What Google charges since May 2026, in quota units.
const (
	unitsOfSend = 100
	unitsOfList = 5
	unitsOfGet  = 20
)

// admitUnits takes quota units from the account's rate, or returns the answer
// that Gmail gives where there are none left.
func (a *account) admitUnits(now time.Time, units int) (Fault, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.use(now, units)
}

// use is admitUnits for who has a.mu.
func (a *account) use(now time.Time, units int) (Fault, bool) {
	l := a.Limits
	if l.PerMinute == 0 {
		return Fault{}, true
	}
	ok, next := a.rate.take(now, units, l.PerMinute, l.Burst)
	switch {
	case ok:
		return Fault{}, true
	case l.NoRetryTime:
		return TooManyRequestsNoTime(), false
	default:
		return TooManyRequests(next), false
	}
}

// enter counts a request as under way and reports whether there was room for it.
// Whoever entered must leave, refused or not.
func (a *account) enter(f *Fake) bool {
	n := a.inFlight.Add(1)
	a.notePeak(n)
	f.notePeak(f.inFlight.Add(1))
	a.mu.Lock()
	limit := a.Limits.Concurrent
	a.mu.Unlock()
	return limit == 0 || n <= int64(limit)
}

func (a *account) leave(f *Fake) {
	a.inFlight.Add(-1)
	f.inFlight.Add(-1)
}
