package ui

import (
	"fmt"

	"grapevine/wasm/api"
)

// Every text of the page, in both languages, side by side so that they stay
// equal in what they say. Texts about a lab (titles, labels, claims) come from
// the engine in the same form.
var (
	wName     = api.Text{En: "Grapevine", Zh: "Grapevine"}
	wSubtitle = api.Text{En: "A playground for distributed communication", Zh: "分布式通信实验场"}

	// Loading and finished: a sentence and a next step. (While there is no Go
	// yet, and when the engine fails, boot.js and notice.js say so.)
	wLoading    = api.Text{En: "Fetching the simulator. The first picture comes in a moment.", Zh: "正在载入模拟器，画面马上就来。"}
	wFirstClaim = api.Text{En: "Real protocols run here, in your browser. The network comes in a moment.", Zh: "真实的协议就在浏览器中运行，网络马上就来。"}
	wFinished   = api.Text{En: "Finished after %s.", Zh: "运行结束，历时 %s。"}
	wFinishNext = api.Text{En: "Change a parameter, try new luck, or drag the timeline back, crash a node and see what changes.", Zh: "可以改一个参数，换一个种子，或把时间轴拖回去，让某个节点崩溃，再看结果有何不同。"}
	wCutOff     = api.Text{En: "Stopped at %s: the run's time was up before all was done.", Zh: "运行在 %s 停止：时间到了，但事情还没有做完。"}
	wCutOffNext = api.Text{En: "Click a node to see what it still waits for, look at what the checks say in Measure, or choose parameters with which it gets done sooner.", Zh: "可以点击节点看它还在等什么，到“度量”里看检验结果，或换一组能更快做完的参数。"}
	wInstant    = api.Text{En: "Finished after %s: with these delays nothing takes time.", Zh: "运行结束，历时 %s：这样的延迟下，什么都不花时间。"}
	wInstantHow = api.Text{En: "Step goes through it event by event, and Sequence shows the order. To watch it in time, give the link or the work a delay.", Zh: "用“前进一个事件”逐步看，“时序”里能看到先后。想看过程，请给链路或处理设一点延迟。"}
	wSeeking    = api.Text{En: "On the way to %s.", Zh: "正在前往 %s。"}
	wSeekingHow = api.Text{En: "All that happens until then has to be run first; a large network takes a moment.", Zh: "要先运行完这一刻之前的全部过程，节点很多时请稍等。"}
	wBadLink    = api.Text{En: "This link cannot be read (%s). The nearest run was opened instead.", Zh: "链接无法读取（%s）。已改为打开最接近的一次运行。"}
	wDismiss    = api.Text{En: "Close this message", Zh: "关闭提示"}

	// The head.
	wFoldLeft   = api.Text{En: "Labs and parameters", Zh: "实验与参数"}
	wOtherLang  = api.Text{En: "中文", Zh: "English"}
	wTheme      = api.Text{En: "Theme", Zh: "主题"}
	wThemeAuto  = api.Text{En: "Auto", Zh: "自动"}
	wThemeLight = api.Text{En: "Light", Zh: "浅色"}
	wThemeDark  = api.Text{En: "Dark", Zh: "深色"}
	wPresent    = api.Text{En: "Present", Zh: "演示"}
	wPresentEnd = api.Text{En: "End presentation", Zh: "退出演示"}
	wHelp       = api.Text{En: "Help", Zh: "帮助"}
	wClose      = api.Text{En: "Close", Zh: "关闭"}

	// Labs and parameters.
	wLabs        = api.Text{En: "Labs", Zh: "实验"}
	wPresets     = api.Text{En: "Worth trying", Zh: "试试看"}
	wParams      = api.Text{En: "Parameters", Zh: "参数"}
	wDefaults    = api.Text{En: "Back to defaults", Zh: "恢复默认值"}
	wSeed        = api.Text{En: "Seed", Zh: "种子"}
	wSeedHelp    = api.Text{En: "All luck comes from the seed: the same seed gives the same run on every machine.", Zh: "一切随机性都来自种子：种子相同，在任何机器上都得到相同的运行。"}
	wNewLuck     = api.Text{En: "New luck", Zh: "换一个"}
	wRange       = api.Text{En: "from %s to %s", Zh: "%s 到 %s"}
	wScript      = api.Text{En: "What was done", Zh: "操作记录"}
	wScriptEmpty = api.Text{En: "Nothing yet. Click a node on the stage to crash it or cut it off.", Zh: "还没有操作。点击画面中的节点，可以让它崩溃或与别人断开。"}
	wGoTo        = api.Text{En: "Go to %s", Zh: "跳到 %s"}

	// The sequence view.
	wSequenceTitle = api.Text{En: "Sequence: time runs down", Zh: "时序图：时间自上而下"}
	wSequenceCrowd = api.Text{En: "The sequence view has a lane for each node, and room for %d. Choose fewer nodes.", Zh: "时序图为每个节点画一条竖线，最多 %d 条。请减少节点数。"}
	wSpan          = api.Text{En: "Window", Zh: "时间窗"}
	wSpanAuto      = api.Text{En: "Auto", Zh: "自动"}
	wSpanAutoIs    = api.Text{En: "Let it follow the speed", Zh: "随播放速度调整"}
	wZoomIn        = api.Text{En: "A shorter stretch of time", Zh: "缩短时间窗"}
	wZoomOut       = api.Text{En: "A longer stretch of time", Zh: "加长时间窗"}
	wWaits         = api.Text{En: "waits", Zh: "等待"}
	wWorks         = api.Text{En: "works", Zh: "执行"}
	wLostOrDown    = api.Text{En: "lost, or crashed", Zh: "丢失或崩溃"}
	wCopyOf        = api.Text{En: "copy", Zh: "副本"}
	wPickLine      = api.Text{En: "Click a line to pick its packet.", Zh: "点击斜线，选中对应的消息。"}

	// What is wrong with a field.
	wNotWhole    = api.Text{En: "“%s” is not a whole number. Write digits only, such as 200.", Zh: "“%s”不是整数。请只写数字，例如 200。"}
	wNotPercent  = api.Text{En: "“%s” is not a percentage. Write a number, such as 10 or 2.5.", Zh: "“%s”不是百分数。请写一个数，例如 10 或 2.5。"}
	wNotDuration = api.Text{En: "“%s” is not a duration. Write a number and a unit: 1.5s, 20ms or 300us.", Zh: "“%s”不是时长。请写数字加单位：1.5s、20ms 或 300us。"}
	wOutside     = api.Text{En: "“%s” is outside the limits: from %s to %s.", Zh: "“%s”超出范围，应在 %s 到 %s 之间。"}
	wNotSeed     = api.Text{En: "“%s” is not a seed. Write a whole number from 0 up.", Zh: "“%s”不能作种子。请写 0 或更大的整数。"}
	wKeptRun     = api.Text{En: "The run goes on with the old value.", Zh: "运行仍使用原来的值。"}

	// The transport bar.
	wTransport = api.Text{En: "Playback", Zh: "播放控制"}
	wPlay      = api.Text{En: "Play", Zh: "播放"}
	wPause     = api.Text{En: "Pause", Zh: "暂停"}
	wStep      = api.Text{En: "One event forward", Zh: "前进一个事件"}
	wRestart   = api.Text{En: "From the beginning", Zh: "从头播放"}
	wSpeed     = api.Text{En: "Speed", Zh: "速度"}
	wMaxSpeed  = api.Text{En: "Max", Zh: "最快"}
	wTimeline  = api.Text{En: "Time of the run", Zh: "运行时间"}
	wTimeOf    = api.Text{En: "%s of %s", Zh: "%s，共 %s"}
	wEvents    = api.Text{En: "events", Zh: "事件"}
	wInFlight  = api.Text{En: "in flight", Zh: "传输中"}
	wPausedAt  = api.Text{En: "Paused at %s.", Zh: "已在 %s 处暂停。"}
	wAtTime    = api.Text{En: "At %s: ", Zh: "%s 时："}
	wFailedAt  = api.Text{En: "failed at %s: %s", Zh: "在 %s 失败：%s"}
	wLegend    = api.Text{En: "Legend", Zh: "图例"}
	wListSep   = api.Text{En: ", ", Zh: "，"}
	wFullStop  = api.Text{En: ".", Zh: "。"}
	wNodesIn   = api.Text{En: "%[2]s: %[1]d", Zh: "%[2]s：%[1]d 个"}

	// Panels.
	wPanels   = api.Text{En: "Panels", Zh: "面板"}
	wInspect  = api.Text{En: "Inspect", Zh: "查看"}
	wSequence = api.Text{En: "Sequence", Zh: "时序"}
	wMeasures = api.Text{En: "Measure", Zh: "度量"}
	wLesson   = api.Text{En: "Lesson", Zh: "讲解"}
	wShare    = api.Text{En: "Share", Zh: "分享"}

	// The inspector.
	wInspectEmpty = api.Text{En: "Click a node to see what it knows, or a packet to see its bytes.", Zh: "点击节点，看它知道什么；点击数据包，看它的字节。"}
	wNodeField    = api.Text{En: "Node", Zh: "节点"}
	wNodeExample  = api.Text{En: "Name or number", Zh: "名称或编号"}
	wChoose       = api.Text{En: "Choose", Zh: "选择"}
	wNoSuchNode   = api.Text{En: "No node is called “%s”. The first one is %s, the last one %s.", Zh: "没有叫“%s”的节点。第一个是 %s，最后一个是 %s。"}
	wUp           = api.Text{En: "running", Zh: "运行中"}
	wCrashed      = api.Text{En: "crashed", Zh: "已崩溃"}
	wCutLine      = api.Text{En: "cut: nothing gets past the bar", Zh: "已切断：消息过不了横杠"}
	wPaused       = api.Text{En: "paused", Zh: "已暂停"}
	wDeeds        = api.Text{En: "Do", Zh: "操作"}
	wToNetwork    = api.Text{En: "To the network", Zh: "对整个网络"}
	wPairUp       = api.Text{En: "Choose a second node", Zh: "再选一个节点"}
	wPairHelp     = api.Text{En: "to cut or slow the link between the two", Zh: "以便切断或减慢两者之间的链路"}
	wPickSecond   = api.Text{En: "Now click the second node.", Zh: "现在点击第二个节点。"}
	wCancel       = api.Text{En: "Cancel", Zh: "取消"}
	wLinkBetween  = api.Text{En: "Between %s and %s", Zh: "%s 与 %s 之间"}
	wState        = api.Text{En: "Memory", Zh: "内存"}
	wNoState      = api.Text{En: "A crashed node has lost its memory.", Zh: "节点崩溃后，内存内容全部丢失。"}
	wRecent       = api.Text{En: "Latest events", Zh: "最近事件"}
	wNoRecent     = api.Text{En: "Nothing has happened here yet.", Zh: "这里还没有发生过什么。"}
	wFollow       = api.Text{En: "Follow this packet", Zh: "追踪这个数据包"}
	wPacket       = api.Text{En: "Packet %d", Zh: "数据包 %d"}
	wSent         = api.Text{En: "Sent", Zh: "发出"}
	wDue          = api.Text{En: "Due", Zh: "到达"}
	wDied         = api.Text{En: "Lost", Zh: "丢失"}
	wFlying       = api.Text{En: "on its way", Zh: "传输中"}
	wDelivered    = api.Text{En: "delivered", Zh: "已送达"}
	wDropped      = api.Text{En: "did not arrive: %s", Zh: "没有送达：%s"}
	wForgotten    = api.Text{En: "The journal no longer holds this packet. Drag the timeline back to before it was sent, or choose its node first.", Zh: "日志里已经没有这个数据包。可以把时间轴拖回它发出之前，或先选择它的节点。"}
	wBytes        = api.Text{En: "Bytes (%d)", Zh: "字节（%d）"}
	wNoBytes      = api.Text{En: "This packet carries no bytes.", Zh: "这个数据包不含字节。"}
	wMoreBytes    = api.Text{En: "Only the first %s of %s bytes are shown.", Zh: "只显示前 %s 个字节，共 %s 个。"}
	wFields       = api.Text{En: "Fields", Zh: "字段"}
	wWhy          = api.Text{En: "Why?", Zh: "为什么？"}
	wWhyHelp      = api.Text{En: "What led to it, latest first.", Zh: "它的起因，由近及远。"}
	wUnpick       = api.Text{En: "Let go", Zh: "取消选择"}
	wWaiting      = api.Text{En: "Asking the simulator …", Zh: "正在查询……"}
	wPickedNode   = api.Text{En: "%s chosen.", Zh: "已选择 %s。"}
	wPickedLink   = api.Text{En: "The link between %s and %s chosen.", Zh: "已选择 %s 与 %s 之间的链路。"}
	wDone         = api.Text{En: "%s, at %s.", Zh: "%s，时间 %s。"}

	// Measures.
	wMetrics   = api.Text{En: "Measured", Zh: "测量值"}
	wChecks    = api.Text{En: "Checks", Zh: "检验"}
	wHeld      = api.Text{En: "held", Zh: "成立"}
	wOpen      = api.Text{En: "open", Zh: "未定"}
	wFailed    = api.Text{En: "failed", Zh: "不成立"}
	wAlways    = api.Text{En: "always", Zh: "始终"}
	wFinally   = api.Text{En: "finally", Zh: "最终"}
	wSometimes = api.Text{En: "at least once", Zh: "至少一次"}
	wNoMetrics = api.Text{En: "Nothing has been measured yet. Press Play.", Zh: "还没有测量值，请按“播放”。"}
	wCycles    = api.Text{En: "%s cycles", Zh: "%s 轮"}
	wDigest    = api.Text{En: "Digest", Zh: "摘要"}
	wDigestIs  = api.Text{En: "The digest sums up every event so far. The same run has the same digest on every machine.", Zh: "摘要概括了到目前为止的每一个事件。同样的运行，在任何机器上摘要都相同。"}

	// The lesson.
	wLessonWaits = api.Text{En: "Fetching the lesson …", Zh: "正在载入讲解……"}
	wLessonNone  = api.Text{En: "The lesson could not be fetched. The playground works without it; try again when you are online.", Zh: "未能载入讲解。实验照常可用，联网后可再试。"}
	wTryAgain    = api.Text{En: "Try again", Zh: "重试"}

	// Sharing.
	wShareLink    = api.Text{En: "Link to this run", Zh: "这次运行的链接"}
	wShareLinkIs  = api.Text{En: "Whoever opens it sees the same run: parameters, seed and everything that was done.", Zh: "打开链接的人会看到同样的运行：参数、种子和所有操作都一样。"}
	wShareEmbed   = api.Text{En: "For a course page", Zh: "嵌入课程网页"}
	wShareEmbedIs = api.Text{En: "Paste this where the lab should appear.", Zh: "把这段代码粘贴到要显示实验的位置。"}
	wShareCmd     = api.Text{En: "On the command line", Zh: "在命令行运行"}
	wShareCmdIs   = api.Text{En: "Runs the same thing without a browser and prints the digest.", Zh: "不用浏览器，运行同样的内容并打印摘要。"}
	wCopy         = api.Text{En: "Copy", Zh: "复制"}
	wCopied       = api.Text{En: "Copied", Zh: "已复制"}
	wNotCopied    = api.Text{En: "Copying was not allowed: select the text and copy it yourself.", Zh: "浏览器不允许复制，请选中文字自行复制。"}

	// Help.
	wHelpTitle   = api.Text{En: "How to use this page", Zh: "使用方法"}
	wHelpStage   = api.Text{En: "Click a node or a packet to look inside. Drag the timeline to go back. Whatever you change is kept in the address: send it to a friend and both see the same run.", Zh: "点击节点或数据包可以查看内部。拖动时间轴可以回到过去。你的每次改动都记在地址里：把地址发给朋友，看到的就是同样的运行。"}
	wKeys        = api.Text{En: "Keys", Zh: "快捷键"}
	wKeySpace    = api.Text{En: "Space", Zh: "空格"}
	wKeyPlay     = api.Text{En: "play or pause", Zh: "播放或暂停"}
	wKeyStep     = api.Text{En: "one event forward", Zh: "前进一个事件"}
	wKeySpeed    = api.Text{En: "slower, faster", Zh: "减速、加速"}
	wKeyRestart  = api.Text{En: "from the beginning", Zh: "从头播放"}
	wKeyHelp     = api.Text{En: "this help", Zh: "显示帮助"}
	wKeyEscape   = api.Text{En: "close or let go", Zh: "关闭或取消选择"}
	wSkip        = api.Text{En: "Skip to playback", Zh: "跳到播放控制"}
	wFamilyOther = api.Text{En: "More", Zh: "其他"}
)

// families names the groups of labs, by the part of a lab's ID before the '/'.
var families = []struct {
	id   string
	name api.Text
}{
	{"rpc", api.Text{En: "Remote calls", Zh: "远程调用"}},
	{"queue", api.Text{En: "Message queues", Zh: "消息队列"}},
	{"gossip", api.Text{En: "Multicast and gossip", Zh: "多播与流言"}},
	{"city", api.Text{En: "All together", Zh: "综合"}},
}

// eventNames are the journal's kinds of events, by the engine's word.
var eventNames = map[string]api.Text{
	"send":    {En: "sent", Zh: "发出"},
	"copy":    {En: "copied", Zh: "复制"},
	"deliver": {En: "received", Zh: "收到"},
	"drop":    {En: "lost", Zh: "丢失"},
	"wake":    {En: "woke", Zh: "唤醒"},
	"start":   {En: "started", Zh: "启动"},
	"crash":   {En: "crashed", Zh: "崩溃"},
	"restart": {En: "restarted", Zh: "重启"},
	"pause":   {En: "paused", Zh: "暂停"},
	"resume":  {En: "resumed", Zh: "恢复"},
	"note":    {En: "noted", Zh: "记录"},
	"order":   {En: "ordered", Zh: "指令"},
	"rule":    {En: "rule", Zh: "规则"},
	"stale":   {En: "came to nothing", Zh: "作废"},
	"read":    {En: "reads from disk", Zh: "读磁盘"},
	"write":   {En: "writes to disk", Zh: "写磁盘"},
	"sync":    {En: "wants it safe on disk", Zh: "要求落盘"},
	"device":  {En: "disk at work", Zh: "磁盘工作"},
	"lost":    {En: "lost from disk", Zh: "磁盘上丢失"},
}

// eventName is a kind of event in the page's language, or as it came.
func eventName(lang Lang, kind string) string {
	if name, ok := eventNames[kind]; ok {
		return say(lang, name)
	}
	return kind
}

// say is a text in one language, its %s filled in.
func say(lang Lang, t api.Text, args ...any) string {
	text := t.En
	if lang == Chinese && t.Zh != "" {
		text = t.Zh
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// fill is a text with its %s filled in, in both languages.
func fill(t api.Text, args ...any) *api.Text {
	return &api.Text{En: fmt.Sprintf(t.En, args...), Zh: fmt.Sprintf(t.Zh, args...)}
}
