package mailertest

import "time"

// defaultWindow is the day of Gmail's sending limits: any 24 hours.
const defaultWindow = 24 * time.Hour

// bucket is a token bucket: full at first, refilled evenly.
type bucket struct {
	used float64 // Of the burst; a fresh bucket has used nothing.
	at   time.Time
}

// take uses one send. Where none is left it reports when there will be one.
func (b *bucket) take(now time.Time, perMinute, burst int) (ok bool, next time.Time) {
	perSecond := float64(perMinute) / 60
	if !b.at.IsZero() {
		b.used = max(0, b.used-now.Sub(b.at).Seconds()*perSecond)
	}
	b.at = now
	over := b.used + 1 - float64(max(burst, 1))
	if over > 0 {
		return false, now.Add(time.Duration(over / perSecond * float64(time.Second)))
	}
	b.used++
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
	if l := a.Limits; l.PerMinute > 0 {
		if ok, next := a.rate.take(now, l.PerMinute, l.Burst); !ok {
			if l.NoRetryTime {
				return TooManyRequestsNoTime(), false
			}
			return TooManyRequests(next), false
		}
	}
	if l := a.Limits; l.Daily > 0 || l.DailyRecipients > 0 {
		if ok, next := a.day.take(now, l, recipients); !ok {
			return dayUsedUp(next), false
		}
	}
	return Fault{}, true
}

// enter counts a send as under way and reports whether there was room for it.
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
