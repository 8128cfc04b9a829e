// Package admin is HTTP for operators, all of it on one port
// (POSTROOM_ADMIN_ADDR):
//
//	/livez     200 while the process runs
//	/readyz    503 when this process can do nothing; its body names the accounts
//	/metrics   Prometheus
//	/queues    asynqmon, the dashboard: queues, tasks, and why they failed
//	/preview   of `worker dev` alone: templates as they would be sent, and
//	/mailbox   what was sent (package tasks/admin/pages)
//
// # Who is let in
//
// The dashboard can delete mail, and asynqmon itself asks nobody who he is. So
// everything but the two health pages stands behind three doors, on loopback
// too, where any web page that the operator has open can reach it:
//
//   - the Host must be ours: a loopback name, the address that the connection
//     came in on, or one of POSTROOM_ADMIN_HOSTS. That stops DNS rebinding. A
//     Prometheus that scrapes "worker:8080" needs POSTROOM_ADMIN_HOSTS=worker.
//   - what changes anything must not come from another site
//     (http.CrossOriginProtection). Programs that are no browsers, such as curl,
//     send neither Origin nor Sec-Fetch-Site and pass.
//   - user and password, where they are set. Off loopback they must be.
//
// /livez and the status of /readyz are for anybody: a Kubernetes probe asks by
// the pod's address and has no password. To those who would not be let in,
// /readyz tells each account's state, but neither its address nor the reason.
//
// # What is shown
//
// The dashboard shows a mail's envelope with addresses as Config.Redact says,
// and never subject, bodies, template data or file names: only their size. What
// it does not know, it does not show. Queue names, and so the queue label of
// the metrics, have the account's address in them; error texts are shown as
// they were stored, so whoever stores one keeps addresses out of it.
package admin
