-- What stands before a script that is to run only where a mail is sent.
-- KEYS[#KEYS] the mail's record; the others are the script's own
if redis.call('HGET', KEYS[#KEYS], 'state') ~= 'sent' then return redis.error_reply('NOTSENT the mail is not recorded as sent') end
