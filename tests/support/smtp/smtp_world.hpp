#pragma once
#include "support/process/held_port.hpp"
#include "support/process/process.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace bongsu::support {

/// A mail as the catcher filed it.
struct CaughtMail {
  std::string raw;
  /// The unfolded value of a header field, encoded words decoded; empty when there is none.
  std::string header(std::string_view name) const;
  /// The decoded body of the part of that type ("text/plain"), line breaks as \n.
  std::string part(std::string_view type) const;
};

/// The mail catcher of deploy/local on a free port, with a Maildir of its own. Throws when it does not
/// start. Recipients that begin with bounce- get 550, defer- 451, drop- a cut connection.
///
///   SmtpWorld smtp;
///   smtp::Client client{executor, {.url = smtp.url()}};
///   EXPECT_EQ(smtp.wait_for(1).front().header("Subject"), "환영합니다");
class SmtpWorld {
 public:
  SmtpWorld();

  std::string url() const { return "smtp://" + port_.address(); }
  int port() const { return port_.number(); }
  /// What has arrived, oldest first.
  std::vector<CaughtMail> mails() const;
  /// The same, once there are `count`. Throws when they do not come in time.
  std::vector<CaughtMail> wait_for(std::size_t count,
                                   std::chrono::seconds limit = std::chrono::seconds{20}) const;

  /// The server dies at once; start() brings it back on the same port, its mails are kept.
  void kill() { process_->kill(); }
  void start();

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Process> process_;
  HeldPort port_;
};

}  // namespace bongsu::support
