// The page's own words in both languages; the terminal's words come from the terminal.

const WORDS = {
  en: {
    bench: "bench", api: "API", sound: "Sound", language: "Language of this page", terminal: "Terminal",
    lights: "Status lights", softKeys: "Soft keys", keypad: "Keypad", scroll: "Scroll", close: "Close",
    keyCancel: "Cancel", keyClear: "Clear", keyMenu: "Menu", keyEnter: "Enter", keyUp: "Up", keyDown: "Down",
    firstSale: "Take your first sale", firstSaleHow: "Twelve yuan, paid in cash, no change:", showMe: "Show me",
    noHint: "I know my way", receipts: "Receipts", noReceipts: "They come out of the top, and are kept here.",
    whatIf: "What if …", printer: "The printer is", printerOk: "fine", printerNearEnd: "low on paper",
    printerOut: "out of paper", printerCover: "open", printerOffline: "unplugged", battery: "Battery",
    temperature: "Temperature", cutPower: "Cut the power", switchOn: "Switch on", openCase: "Open the case",
    closeCase: "Close the case", events: "What happened",
    keyboardHint: "Keyboard: digits, Enter, Backspace = Clear, Esc = Cancel, M = Menu, arrows, F1–F4.",
    copyText: "Copy the text", copied: "Copied", picture: "Picture", bytes: "ESC/POS bytes", receipt: "Receipt",
    stillPrinting: "still printing", unconfirmed: "not confirmed by the printer",
    booting: "Starting …", off: "Switched off", ended: "The terminal has stopped with status",
    lost: "The bench is not running. Waiting for it …", keysLeft: "The terminal did not take:",
    failed: "That did not work:", screenIs: "screen", key: "key", beep: "beep", printerSays: "printer", entry: "Entry:", ready: "ready", busy: "busy", ok: "OK",
    error: "error", boot: "start", powerCut: "power off", cards: "Test cards", cardSlot: "Card slot",
    moreCards: "More of them", nextCard: "The next card …", harmNone: "works", harmPull: "is pulled out",
    harmMute: "falls silent", harmGarbage: "talks nonsense", harmSlow: "is slow", harmUnreadable: "has a worn stripe",
    harmAt: "at command", insertCard: "Insert", removeCard: "Take out", swipeCard: "Swipe", swipe: "Swipe its stripe",
    apdus: "commands", cardIn: "card in:", cardOut: "card out:", swiped: "swiped:", acquirer: "Journal and acquirer",
    noBooks: "Pay by card, and see here what the terminal's journal and the acquirer's own books hold of it.",
    transaction: "Transaction", inJournal: "Journal", atAcquirer: "Acquirer", nextAnswer: "The acquirer's next answer …",
    answerOk: "comes", answerSilent: "never comes", answerLate: "comes 5 s late", answerDrop: "is cut off",
    answerWrongMac: "has a wrong MAC", answerDecline: "is no", unplugLine: "Unplug the line", plugLine: "Plug the line in",
    centsDecide: "The cents of the amount decide …", batch: "Acquirer's batch", taken: "taken:", givenBack: "given back:",
    books_agree: "Both books agree", books_open: "Agree so far; not all is done", books_differ: "The books differ",
    books_away: "The acquirer has stopped",
    mark_agree: "agree", mark_open: "the terminal is not done with it", mark_waiting: "the acquirer has not been told yet",
    mark_differ: "differ",
  },
  zh: {
    bench: "工作台", api: "接口", sound: "声音", language: "页面语言", terminal: "终端",
    lights: "状态灯", softKeys: "功能键", keypad: "键盘", scroll: "翻页", close: "关闭",
    keyCancel: "取消", keyClear: "清除", keyMenu: "菜单", keyEnter: "确认", keyUp: "上", keyDown: "下",
    firstSale: "来做第一笔交易", firstSaleHow: "十二元，现金，不找零：", showMe: "演示一遍",
    noHint: "我会用", receipts: "凭单", noReceipts: "凭单从顶部打印出来，存放在这里。",
    whatIf: "如果……", printer: "打印机", printerOk: "正常", printerNearEnd: "纸将尽", printerOut: "缺纸",
    printerCover: "上盖打开", printerOffline: "断开", battery: "电池", temperature: "温度", cutPower: "切断电源",
    switchOn: "开机", openCase: "打开机壳", closeCase: "合上机壳", events: "发生了什么",
    keyboardHint: "电脑键盘：数字、Enter、退格 = 清除、Esc = 取消、M = 菜单、方向键、F1–F4。",
    copyText: "复制文字", copied: "已复制", picture: "图片", bytes: "ESC/POS 字节", receipt: "凭单",
    stillPrinting: "打印中", unconfirmed: "打印机未确认",
    booting: "正在启动……", off: "已关机", ended: "终端已停止，状态码",
    lost: "工作台没有运行，等待中……", keysLeft: "终端没有接受：",
    failed: "没有成功：", screenIs: "屏幕", key: "按键", beep: "声音", printerSays: "打印机", entry: "输入：", ready: "就绪", busy: "忙", ok: "成功",
    error: "错误", boot: "启动", powerCut: "断电", cards: "测试卡", cardSlot: "卡槽",
    moreCards: "更多测试卡", nextCard: "下一张卡……", harmNone: "正常", harmPull: "中途拔出",
    harmMute: "不再应答", harmGarbage: "应答乱码", harmSlow: "应答很慢", harmUnreadable: "磁条磨损",
    harmAt: "从第几条指令起", insertCard: "插入", removeCard: "拔出", swipeCard: "刷", swipe: "刷磁条",
    apdus: "条指令", cardIn: "插卡：", cardOut: "拔卡：", swiped: "刷卡：", acquirer: "终端流水与收单行账",
    noBooks: "刷卡消费后，这里并列显示终端流水和收单行自己的账。",
    transaction: "交易", inJournal: "终端流水", atAcquirer: "收单行", nextAnswer: "收单行的下一次应答……",
    answerOk: "正常", answerSilent: "不应答", answerLate: "晚 5 秒", answerDrop: "中途断线",
    answerWrongMac: "MAC 错误", answerDecline: "拒绝", unplugLine: "拔掉网线", plugLine: "插上网线",
    centsDecide: "金额尾数决定结果……", batch: "收单行批次", taken: "笔收款", givenBack: "笔退回",
    books_agree: "两本账一致", books_open: "目前一致，尚有未了交易", books_differ: "两本账不一致", books_away: "收单行已停止",
    mark_agree: "一致", mark_open: "终端尚未办完", mark_waiting: "尚未上送收单行", mark_differ: "不一致",
  },
};

const KINDS = {
  en: {
    cash_sale: "cash sale", cash_void: "cash void", sale: "card sale", merchant: "merchant", customer: "customer",
    preauth: "pre-authorisation", preauth_void: "pre-authorisation void", offline_sale: "offline sale",
  },
  zh: {
    cash_sale: "现金消费", cash_void: "现金撤销", sale: "刷卡消费", merchant: "商户", customer: "顾客",
    void: "消费撤销", refund: "退货", preauth: "预授权", preauth_void: "预授权撤销", completion: "预授权完成",
    completion_notice: "预授权完成通知", completion_void: "完成撤销", cash_advance: "取现", transfer: "转账",
    offline_sale: "离线消费", settlement: "结算",
  },
};

// How far a transaction is in the journal, and what the acquirer has made of it.
const STATES = {
  en: {
    opened: "begun", sent: "asking", asked: "asking", answered: "answered", reversing: "to be reversed",
    unresolved: "unclear", abandoned: "dropped", waiting: "not told yet",
  },
  zh: {
    opened: "已开始", sent: "已发送", asked: "已发送", answered: "已应答", completed: "成功", done: "完成",
    declined: "拒绝", reversing: "待冲正", reversed: "已冲正", unresolved: "待查", abandoned: "未成",
    approved: "已批准", voided: "已撤销", waiting: "待上送",
  },
};

const CENTS = {
  en: {
    "01": "call the issuer", "05": "declined", 10: "half of it", 51: "too little money", 77: "sign on again",
    86: "5 s late", 87: "booked, no answer", 88: "booked, hangs up", 89: "never heard", 93: "wrong MAC",
    95: "chip gets PIN 4321", 99: "chip disbelieves",
  },
  zh: {
    "01": "联系发卡行", "05": "拒绝", 10: "只批一半", 51: "余额不足", 77: "要求重新签到", 86: "晚 5 秒",
    87: "已记账，不应答", 88: "已记账，断线", 89: "没收到", 93: "MAC 错误", 95: "卡密码改为 4321", 99: "卡片不信应答",
  },
};

const CARD_PURPOSES = {
  "up-debit": "银联借记卡：联机密码 123456",
  "up-credit": "银联信用卡：联机密码 123456，持卡人签名",
  "visa-sign": "持卡人签名；T=0 协议",
  "mc-offline-pin": "脱机密码 1234，加密校验",
  "plain-offline-pin": "脱机密码 1234，明文校验；T=0 协议",
  "no-cvm": "不验证持卡人；联机授权",
  "offline-ok": "低于最低限额时脱机批准，连续五笔、累计 2000.00 以内；免密",
  "two-apps": "一卡两应用（借记、贷记）：由持卡人选择；联机密码 123456",
  "sda-only": "仅静态数据认证；持卡人签名",
  "cda": "复合动态数据认证；500.00 以内脱机批准，100.00 起输脱机密码 1234",
  "expired": "2020 年底已过期：卡片拒绝",
  "blocked": "唯一的应用已锁定：不能使用",
  "pin-blocked": "密码次数用尽：脱机拒绝",
  "bad-cert": "证书损坏：脱机数据认证失败，转联机",
  "bad-arpc": "不相信发卡行的应答：发卡行批准后仍拒绝",
  "script": "发卡行随应答下发脚本：脱机密码改为 4321",
  "refuses-online": "发卡行批准后卡片拒绝",
  "mute": "应答复位后不再应答",
  "garbage": "对每条指令都应答乱码",
  "up-stripe": "磁条卡，无芯片；联机密码 123456",
  "chip-stripe": "芯片已坏的芯片卡磁条：终端先要求插卡；密码 123456",
};

let language = remembered() ?? ((navigator.language || "en").toLowerCase().startsWith("zh") ? "zh" : "en");
const listeners = [];

function remembered() {
  try {
    const kept = localStorage.getItem("language");
    return kept in WORDS ? kept : null;
  } catch {
    return null;
  }
}

export function word(name) {
  return WORDS[language][name] ?? name;
}

// The name of a kind of receipt or copy; one that this page does not know is shown as its id.
export function kindName(id) {
  return KINDS[language][id] ?? id.replaceAll("_", " ");
}

export function stateName(id) {
  return STATES[language][id] ?? id.replaceAll("_", " ");
}

// What the acquirer makes of an amount that ends in these cents.
export function centsMeaning(cents) {
  return CENTS[language][cents];
}

// What a test card is for; in English the bench says it.
export function cardPurpose(name, english) {
  return language === "zh" ? (CARD_PURPOSES[name] ?? english) : english;
}

export function onLanguage(listener) {
  listeners.push(listener);
}

export function speak(chosen) {
  language = chosen;
  try {
    localStorage.setItem("language", chosen);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
  translate();
}

export function translate() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", word(element.dataset.label));
  }
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-current", String(button.dataset.language === language));
  }
  for (const listener of listeners) {
    listener();
  }
}
