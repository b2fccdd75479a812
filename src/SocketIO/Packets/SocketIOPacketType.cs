namespace SocketIO.Packets;

/// <summary>The kinds of Socket.IO packet; the value is the character that begins one.</summary>
internal enum SocketIOPacketType : byte
{
    /// <summary><c>0/admin,{"token":"x"}</c>.</summary>
    Connect = (byte)'0',

    /// <summary><c>1/admin,</c>.</summary>
    Disconnect = (byte)'1',

    /// <summary><c>2["name",1]</c>, or <c>2/admin,12["name",1]</c> when an acknowledgement is asked for.</summary>
    Event = (byte)'2',

    /// <summary><c>3/admin,12[1]</c>.</summary>
    Ack = (byte)'3',

    /// <summary><c>4{"message":"Invalid namespace"}</c> in revision 5, <c>4"Invalid namespace"</c> in revision 4.</summary>
    ConnectError = (byte)'4',

    /// <summary><c>51-["name",{"_placeholder":true,"num":0}]</c>, followed by one binary message.</summary>
    BinaryEvent = (byte)'5',

    /// <summary><c>61-12[{"_placeholder":true,"num":0}]</c>, followed by one binary message.</summary>
    BinaryAck = (byte)'6',
}
