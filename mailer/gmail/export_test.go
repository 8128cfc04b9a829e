package gmail

// NewDialer is the transport's dialer, whose timeout no test could wait for.
var NewDialer = newDialer
