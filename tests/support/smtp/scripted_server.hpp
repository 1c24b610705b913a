#pragma once
#include <bongsu/core/asio.hpp>

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

namespace bongsu::support {

/// An SMTP server that misbehaves as a test tells it, on the test's own loop and a free port.
///
/// `answer` is asked for each command, "." standing for the end of a message; what it leaves out is
/// answered as a good server would.
class ScriptedServer {
 public:
  struct Answer {
    std::string reply;                  ///< without CRLF; empty: as a good server
    bool silent = false;                ///< no reply at all
    bool close = false;                 ///< after the reply, or instead of it when silent
    bool cut_on_data = false;           ///< closes when the first bytes of the message arrive
    std::function<bool()> waits_for{};  ///< nothing of all that before it holds
  };
  struct Script {
    std::string greeting = "220 mail.test ready";
    std::vector<std::string> extensions = {"PIPELINING"};
    /// `connection` counts from 1.
    std::function<Answer(int connection, const std::string& command)> answer;
  };

  ScriptedServer(asio::io_context& io, Script script);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url() const;
  /// Connections so far, and how many were open at once at most.
  int connections() const { return state_->connections; }
  int most_open() const { return state_->most_open; }
  const std::vector<std::string>& commands() const { return state_->commands; }
  /// Messages that were taken, dots unstuffed.
  const std::vector<std::string>& messages() const { return state_->messages; }

 private:
  struct State {
    explicit State(asio::io_context& io) : acceptor(io) {}
    asio::ip::tcp::acceptor acceptor;
    Script script;
    int connections = 0;
    int open = 0;
    int most_open = 0;
    std::vector<std::string> commands;
    std::vector<std::string> messages;
  };
  static asio::awaitable<void> accept(std::shared_ptr<State> state);
  static asio::awaitable<void> serve(std::shared_ptr<State> state, asio::ip::tcp::socket socket, int number);

  std::shared_ptr<State> state_;
};

}  // namespace bongsu::support
