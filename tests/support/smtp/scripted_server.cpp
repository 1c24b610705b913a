#include "scripted_server.hpp"

#include <chrono>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace bongsu::support {
namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

std::string good_reply(const std::string& command, const std::vector<std::string>& extensions) {
  if (command.starts_with("EHLO")) {
    std::string reply;
    for (const auto& extension : extensions) reply += fmt::format("250-{}\r\n", extension);
    return reply + "250 HELP";
  }
  if (command == "DATA") return "354 go on";
  if (command == "QUIT") return "221 bye";
  if (command == ".") return "250 2.0.0 Ok: queued as TEST1";
  return "250 OK";
}

std::string unstuffed(std::string message) {
  message = "\r\n" + message;
  for (auto at = message.find("\r\n."); at != std::string::npos; at = message.find("\r\n.", at + 2))
    message.erase(at + 2, 1);
  return message.substr(2);
}

}  // namespace

ScriptedServer::ScriptedServer(asio::io_context& io, Script script) : state_(std::make_shared<State>(io)) {
  const asio::ip::tcp::endpoint loopback{asio::ip::make_address("127.0.0.1"), 0};
  state_->script = std::move(script);
  state_->acceptor.open(loopback.protocol());
  state_->acceptor.bind(loopback);
  state_->acceptor.listen();
  spawn(io.get_executor(), "scripted server", accept(state_));
}

ScriptedServer::~ScriptedServer() { state_->acceptor.close(); }

std::string ScriptedServer::url() const {
  return fmt::format("smtp://127.0.0.1:{}", state_->acceptor.local_endpoint().port());
}

asio::awaitable<void> ScriptedServer::accept(std::shared_ptr<State> state) {
  while (true) {
    auto [error, socket] = co_await state->acceptor.async_accept(kAsTuple);
    if (error) co_return;
    const int number = ++state->connections;
    state->most_open = std::max(state->most_open, ++state->open);
    spawn(state->acceptor.get_executor(), "scripted connection", serve(state, std::move(socket), number));
  }
}

asio::awaitable<void> ScriptedServer::serve(std::shared_ptr<State> state, asio::ip::tcp::socket socket,
                                            int number) {
  struct Leaving {
    State& state;
    ~Leaving() { --state.open; }
  } const leaving{*state};
  std::string incoming;
  co_await asio::async_write(socket, asio::buffer(state->script.greeting + "\r\n"), kAsTuple);
  bool in_message = false;
  while (true) {
    const auto [error, size] = co_await asio::async_read_until(socket, asio::dynamic_buffer(incoming),
                                                               in_message ? "\r\n.\r\n" : "\r\n", kAsTuple);
    if (error) co_return;
    std::string text = incoming.substr(0, size);
    incoming.erase(0, size);
    const std::string command = in_message ? "." : text.substr(0, text.size() - 2);
    if (!in_message) state->commands.push_back(command);
    Answer answer;
    if (state->script.answer) answer = state->script.answer(number, command);
    while (answer.waits_for && !answer.waits_for()) co_await sleep_for(std::chrono::milliseconds{1});
    const auto reply = answer.reply.empty() ? good_reply(command, state->script.extensions) : answer.reply;
    if (in_message && reply.starts_with("250"))
      state->messages.push_back(unstuffed(text.substr(0, text.size() - 3)));
    in_message = reply.starts_with("354");
    if (!answer.silent) co_await asio::async_write(socket, asio::buffer(reply + "\r\n"), kAsTuple);
    if (answer.close || command == "QUIT") co_return;
    if (answer.cut_on_data) {
      std::array<char, 1> first{};
      co_await socket.async_read_some(asio::buffer(first), kAsTuple);
      socket.set_option(asio::socket_base::linger{true, 0});
      co_return;
    }
  }
}

}  // namespace bongsu::support
