#pragma once
#include <bongsu/core/asio.hpp>

#include <memory>
#include <set>

#include <boost/asio/ip/tcp.hpp>

namespace bongsu::support {

/// A TCP server that passes bytes on to another, and can be told to fall silent or to cut: how a network or
/// a frozen server looks from the client's side. Runs on the test's own io_context.
class Gate {
 public:
  /// Throws when there is no port.
  Gate(asio::io_context& io, asio::ip::tcp::endpoint target);
  ~Gate();

  int port() const;
  /// Accepts and reads nothing more, answers nothing, until thaw().
  void freeze();
  void thaw();
  /// Ends every connection and refuses new ones until open().
  void cut();
  void open();
  /// How many connections were accepted.
  int accepted() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace bongsu::support
