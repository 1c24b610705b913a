#pragma once
#include <string>

namespace bongsu::support {

/// A port of 127.0.0.1 that belongs to whoever is told of it, for as long as this object lives: for a
/// server that dies and comes back where it was, and for an address at which nobody listens.
///
/// The kernel gives a free port away again, as anyone's listening port or as the near end of anyone's
/// connection. So the port stays bound here, with SO_REUSEADDR and without listen(2): it is then given
/// to nobody, a connection to it is refused, and a server that sets SO_REUSEADDR can bind and listen on it.
class HeldPort {
 public:
  /// Throws when no port is free.
  HeldPort();
  ~HeldPort();
  HeldPort(const HeldPort&) = delete;
  HeldPort& operator=(const HeldPort&) = delete;

  int number() const { return number_; }
  /// 127.0.0.1:PORT
  std::string address() const { return "127.0.0.1:" + std::to_string(number_); }

 private:
  int socket_ = -1;
  int number_ = 0;
};

}  // namespace bongsu::support
