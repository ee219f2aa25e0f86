"""The bounds that gRPC is given."""

from app.interfaces.grpc.options import GrpcOptions, channel_options


def test_channel_options() -> None:
    options = channel_options(GrpcOptions("127.0.0.1:0", max_calls=7))
    given = dict(options)
    assert len(given) == len(options)
    assert given["grpc.max_receive_message_length"] == given["grpc.max_send_message_length"] == 16 * 1024 * 1024
    assert given["grpc.max_concurrent_streams"] == 14
    assert given["grpc.so_reuseport"] == 0
