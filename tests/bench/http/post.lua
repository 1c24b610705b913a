-- A small JSON body, the same each time.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"clientMessageId":"0123456789abcdef","recipient":"someone@example.com","content":"'
  .. string.rep("x", 420) .. '"}'
